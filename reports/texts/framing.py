"""The words about how answers are framed, one by one and all of a run."""

from __future__ import annotations

from reports.texts.text import Text

FRAMING: dict[str, Text] = {
    "expected.one-result": Text("{line}: exactly one final result code", "{line}：恰好一个最终结果码"),
    "expected.lines-end": Text(
        "{line}: every line of the answer is text that ends in CR LF (0d 0a)",
        "{line}：应答的每一行都是以 CR LF（0d 0a）结尾的文本",
    ),
    "expected.echo": Text("{line}: an echo", "{line}：有回显"),
    "expected.no-echo": Text("{line}: no echo", "{line}：无回显"),
    "expected.syntax-line": Text("{line}: a syntax line before OK", "{line}：OK 之前有一行语法说明"),
    "expected.no-second-result": Text(
        "no final result code after the final result code of any command",
        "任何命令的最终结果码之后不再有最终结果码",
    ),
    "expected.no-silence": Text("a final result code for every command", "每条命令都有最终结果码"),
    "expected.all-lines-end": Text(
        "every line of every answer is text that ends in CR LF", "所有应答的每一行都是以 CR LF 结尾的文本"
    ),
    "expected.known-codes": Text(
        "codes {codes}, or a general code of 3GPP TS 27.007 for a line that is malformed",
        "错误码 {codes}；对格式错误的命令行也可为 3GPP TS 27.007 的通用错误码",
    ),
    "expected.accepted-forms": Text("every error in an accepted form", "所有错误均为可接受的写法"),
    "expected.one-dialect": Text("all errors in one dialect", "所有错误写法一致"),
    "came.forms": Text("{forms}", "{forms}"),
    "expected.no-flood": Text(
        "no more than {bytes} bytes that answer nothing, line ends counted for more",
        "不属于任何应答的字节不超过 {bytes} 个（行结束符按更多计）",
    ),
    "came.fenced": Text(
        "{answer}; final result codes too many: {strays}; the next query, {query}: {fence}",
        "{answer}；多出的最终结果码：{strays}；下一条查询 {query}：{fence}",
    ),
    "came.ends": Text("{answer}; not so: {lines}", "{answer}；不符合的行：{lines}"),
    "came.echo": Text("echo: {seen}", "回显：{seen}"),
    "came.every-exchange": Text("every exchange of the run", "本次运行的所有命令均符合"),
    "came.exchanges": Text("not so: {count} exchanges: {shown}", "不符合的命令数：{count}：{shown}"),
    "came.flood": Text("bytes dropped: {count}", "丢弃的字节数：{count}"),
}
