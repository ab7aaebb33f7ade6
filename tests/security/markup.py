"""What a browser or a mail program would make of a page."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """Elements, their attributes and the text that is shown."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        """Text, as it is shown."""
        self.text += data

    def dangers(self) -> list[str]:
        """Whatever could run or lead astray."""
        found = []
        for tag, attributes in self.elements:
            if tag in {"iframe", "object", "embed", "base"} or (tag == "script" and "src" not in attributes):
                found.append(tag)
            for name, value in attributes.items():
                if name.startswith("on"):
                    found.append(f"{tag} {name}")
                if name in {"href", "src", "action", "formaction"} and ":" in value.split("/")[0]:
                    scheme = value.split(":")[0].strip().lower()
                    if scheme not in {"http", "https", "mailto", "cid"}:
                        found.append(f"{tag} {name}={value[:40]}")
        return found
