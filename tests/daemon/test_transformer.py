"""A transformer of one's own reads sentiment, and what is wrong with it is told by `tocsin check`."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from config.schema import Config
from daemon.commands.check import command
from daemon.errors import ConfigError
from daemon.model import Label
from daemon.transformer import load_transformer
from detectors.sentiment import LinearModel, load_model
from tests.fakes.configuration import with_lines

onnx: Any = pytest.importorskip("onnx")
tokenizers: Any = pytest.importorskip("tokenizers")
pytest.importorskip("onnxruntime")

WORDS = {"[UNK]": (0, 2, 0), "blurp": (9, 0, 0), "zing": (0, 0, 9)}  # worth as negative, neutral, positive


def tiny(folder: Path, outputs: int = 3, names: tuple[str, ...] = ("input_ids", "attention_mask")) -> Path:
    """A network that adds up what each word is worth to each label, with its tokenizer."""
    folder.mkdir(exist_ok=True)
    helper, kind = onnx.helper, onnx.TensorProto
    worth = np.array([row[:outputs] for row in WORDS.values()], dtype=np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["worth", "input_ids"], ["each"]),
            helper.make_node("ReduceSum", ["each", "axes"], ["logits"], keepdims=0),
        ],
        "tiny",
        [helper.make_tensor_value_info(name, kind.INT64, ["batch", "length"]) for name in names],
        [helper.make_tensor_value_info("logits", kind.FLOAT, ["batch", outputs])],
        [onnx.numpy_helper.from_array(worth, "worth"), onnx.numpy_helper.from_array(np.array([1]), "axes")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(folder / "model.onnx"))
    words = tokenizers.models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]")
    tokenizer = tokenizers.Tokenizer(words)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder / "model.onnx"


@pytest.fixture(scope="module")
def base() -> LinearModel:
    return load_model()


def test_the_network_tells_sentiment_and_the_shipped_model_all_else(tmp_path: Path, base: LinearModel) -> None:
    model = load_transformer(tiny(tmp_path), base)
    texts = ["blurp blurp", "zing", "nie działa internet", ""]
    found, usual = model.read(texts, [None] * 4), base.read(texts, [None] * 4)
    assert [meaning.label for meaning in found] == [Label.NEGATIVE, Label.POSITIVE, Label.NEUTRAL, Label.NEUTRAL]
    assert found[0].p_negative > 0.99
    assert found[1].p_negative < 0.01
    assert [(one.outage, one.complaint, one.lang) for one in found] == [
        (one.outage, one.complaint, one.lang) for one in usual
    ]
    assert model.version.startswith(f"{base.version}/")
    assert load_transformer(tmp_path / "model.onnx", base).version == model.version


def test_scores_depend_on_no_neighbour_and_nothing_upsets_it(tmp_path: Path, base: LinearModel) -> None:
    model = load_transformer(tiny(tmp_path), base)
    texts = ["blurp", "zing " * 900, "\ud800\x00", "🤬", " ", "a" * 20_000]
    assert model.read(texts, [None] * 6) == [model.read([text], [None])[0] for text in texts]


def test_two_labels_are_enough_and_names_may_come_in_any_order(tmp_path: Path, base: LinearModel) -> None:
    (tmp_path / "config.json").write_text('{"id2label": {"0": "POSITIVE", "1": "NEGATIVE"}}', encoding="utf-8")
    (meaning,) = load_transformer(tiny(tmp_path, outputs=2), base).read(["blurp"], ["en"])
    assert meaning.label is Label.POSITIVE


@pytest.mark.parametrize(
    ("labels", "names", "says"),
    [
        ('{"id2label": {"0": "negative", "1": "joy", "2": "fear"}}', ("input_ids",), "expected outputs negative"),
        ("[]", ("input_ids",), "config.json"),
        ("{}", ("input_ids", "pixels"), "asks for pixels"),
    ],
)
def test_what_is_no_sentiment_classifier_is_refused(
    tmp_path: Path, base: LinearModel, labels: str, names: tuple[str, ...], says: str
) -> None:
    (tmp_path / "config.json").write_text(labels, encoding="utf-8")
    with pytest.raises(ConfigError, match=says):
        load_transformer(tiny(tmp_path, names=names), base)


def check(folder: Path) -> tuple[int, str]:
    with_lines(folder / "tocsin.toml", '[text]\nonnx_model = "tiny/model.onnx"\n')
    done = CliRunner().invoke(command, [str(folder / "tocsin.toml")])
    return done.exit_code, done.stderr


def test_check_tells_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = check(tmp_path)
    assert code == 1
    assert said.startswith("text.onnx_model: no file")
    tiny(tmp_path / "tiny")
    assert check(tmp_path) == (0, "")
    (tmp_path / "tiny" / "model.onnx").write_bytes(b"no network")
    assert "cannot be read" in check(tmp_path)[1]
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "tokenizers" else find_spec(name))
    assert check(tmp_path) == (1, "text.onnx_model: tokenizers not installed; pip install 'tocsin[onnx]'\n")


def test_without_the_key_nothing_is_needed() -> None:
    assert Config.model_fields["text"].default.onnx_model is None
