"""What every part of the catalogue is made of: frozen data, texts in both languages, and the shapes of names."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator

_CJK = re.compile("[\u4e00-\u9fff]")

Id = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,3}-\d{2}$")]
FullId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,3}-\d{2}(-[A-Z]{2})?$")]
Suffix = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]


class Data(BaseModel):
    """Nothing of it can be changed, and nothing else may stand in the files."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Bilingual(Data):
    """A text in English and Chinese."""

    en: str
    zh: str

    @field_validator("en")
    @classmethod
    def _is_english(cls, text: str) -> str:
        if not text.strip() or _CJK.search(text):
            raise ValueError("English text wanted")
        return text

    @field_validator("zh")
    @classmethod
    def _is_chinese(cls, text: str) -> str:
        if not _CJK.search(text):
            raise ValueError("Chinese text wanted")
        return text

    def text(self, lang: Literal["zh", "en"]) -> str:
        return self.zh if lang == "zh" else self.en
