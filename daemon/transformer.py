"""Sentiment by a transformer of one's own: an ONNX sequence classifier, beside the model that is shipped.

`text.onnx_model` names the network; ``tokenizer.json`` (of Hugging Face's tokenizers) stands beside it, and
``config.json`` with ``id2label`` where the labels are not negative, neutral, positive in this order. The extra
``onnx`` brings what runs it. Language, complaint and outage stay those of the shipped model.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace

from config.schema import Config
from daemon.errors import ConfigError
from daemon.model import Label, Meaning
from detectors.sentiment import load_model
from detectors.text import TextModel

_KEY = "text.onnx_model"
_EXTRA = ("onnxruntime", "tokenizers")
_TOKENS = 256  # of a text are read
_CHARACTERS = 4000
_DECIMALS = 4
_USUAL = {2: ("negative", "positive"), 3: ("negative", "neutral", "positive")}


class _Labels(msgspec.Struct, frozen=True):
    """What of ``config.json`` is read."""

    id2label: dict[int, str] = {}


class Transformer:
    """A :class:`detectors.text.TextModel`: sentiment from the network, all else from another model.

    Texts go through one by one, on one thread: a batch would pad them, and the last digits of a score would
    depend on its neighbours.
    """

    def __init__(self, base: TextModel, session: Any, tokenizer: Any, labels: Sequence[Label], version: str) -> None:
        self._base = base
        self._session = session
        self._tokenizer = tokenizer
        self._labels = tuple(labels)
        self._inputs = [each.name for each in session.get_inputs()]
        self.version = version

    def read(self, texts: Sequence[str], langs: Sequence[str | None]) -> list[Meaning]:
        """One meaning for each text, in order; never raises for any text."""
        return [self._read(text, meaning) for text, meaning in zip(texts, self._base.read(texts, langs), strict=True)]

    def _read(self, text: str, meaning: Meaning) -> Meaning:
        plain = text[:_CHARACTERS].encode("utf-8", "replace").decode()
        if not plain.strip():
            return meaning
        encoded = self._tokenizer.encode(plain)
        if not encoded.ids:
            return meaning
        given = {
            "input_ids": encoded.ids,
            "attention_mask": encoded.attention_mask,
            "token_type_ids": encoded.type_ids,
        }
        (logits, *_) = self._session.run(None, {name: np.array([given[name]], dtype=np.int64) for name in self._inputs})
        raised = np.exp(logits[0].astype(np.float64) - float(logits[0].max()))
        chances = raised / raised.sum()
        told = {label: float(chance) for label, chance in zip(self._labels, chances, strict=True)}
        return replace(
            meaning,
            label=max(told, key=lambda label: told[label]),
            p_negative=round(told[Label.NEGATIVE], _DECIMALS),
        )


def text_model(config: Config) -> TextModel:
    """The text model that a configuration asks for. Raises ``ConfigError`` where it cannot be had."""
    base = load_model()
    return base if config.text.onnx_model is None else load_transformer(Path(config.text.onnx_model), base)


def load_transformer(path: Path, base: TextModel) -> Transformer:
    """The network at ``path``. Raises ``ConfigError`` naming what is missing or does not fit."""
    missing = [name for name in _EXTRA if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigError(f"{_KEY}: {' and '.join(missing)} not installed; pip install 'tocsin[onnx]'")
    import onnxruntime  # noqa: PLC0415 - an extra
    from tokenizers import Tokenizer  # noqa: PLC0415 - an extra

    beside = path.with_name("tokenizer.json")
    for file in (path, beside):
        if not file.is_file():
            raise ConfigError(f"{_KEY}: no file {file}; expected an ONNX network with tokenizer.json beside it")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        tokenizer = Tokenizer.from_file(str(beside))
    except Exception as error:  # whatever either library makes of a broken file
        raise ConfigError(f"{_KEY}: {path} cannot be read: {str(error).splitlines()[0]}") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(_TOKENS)
    unknown = {each.name for each in session.get_inputs()} - {"input_ids", "attention_mask", "token_type_ids"}
    if unknown:
        raise ConfigError(f"{_KEY}: the network asks for {', '.join(sorted(unknown))}; expected a sequence classifier")
    digest = hashlib.sha256(path.read_bytes() + beside.read_bytes()).hexdigest()[:12]
    return Transformer(base, session, tokenizer, _labels(path, session), f"{base.version}/{digest}")


def _labels(path: Path, session: Any) -> tuple[Label, ...]:
    """The label of each of the network's outputs."""
    classes = session.get_outputs()[0].shape[-1]
    told = path.with_name("config.json")
    try:
        names = msgspec.json.decode(told.read_bytes(), type=_Labels).id2label if told.is_file() else {}
    except msgspec.MsgspecError as error:
        raise ConfigError(f"{_KEY}: {told}: {error}") from error
    if not any(_label(name) for name in names.values()):  # LABEL_0, LABEL_1, … say nothing
        names = dict(enumerate(_USUAL.get(classes, ())))
    found = tuple(label for _, name in sorted(names.items()) if (label := _label(name)))
    if len(found) != classes or len(set(found)) != len(found) or Label.NEGATIVE not in found:
        raise ConfigError(f"{_KEY}: expected outputs negative, neutral, positive (or without neutral), named in {told}")
    return found


def _label(name: str) -> Label | None:
    return next((label for label in Label if name.lower().startswith(label.value[:3])), None)
