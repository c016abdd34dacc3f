"""The words about times."""

from __future__ import annotations

from reports.texts.text import Text

TIMING: dict[str, Text] = {
    "latency": Text("Latency per command", "各命令应答时间"),
    "latency-about": Text(
        "From the write of a command line to its final result code: the module's thinking and the line. "
        "Box: the middle half; heavy stroke: median; thin line: up to p95; ring: the longest. The axis is logarithmic.",
        "从写出命令行到最终结果码：模组处理时间加线路时间。"
        "方框：中间一半；粗线：中位数；细线：至 p95；圆圈：最长。时间轴为对数刻度。",
    ),
    "latency-command": Text("Command", "命令"),
    "latency-answered": Text("Answered", "应答次数"),
    "latency-silent": Text("and {count} × silence", "另 {count} 次无应答"),
    "latency-other": Text("all other lines", "其他命令行"),
    "latency-first-byte": Text("First byte (median)", "首字节（中位数）"),
    "latency-median": Text("Median", "中位数"),
    "latency-p95": Text("p95", "p95"),
    "latency-max": Text("Longest", "最长"),
    "latency-chart": Text(
        "{kind}: median {median}, p95 {p95}, longest {max}", "{kind}：中位数 {median}，p95 {p95}，最长 {max}"
    ),
    "budget": Text("Where the time went", "时间构成"),
    "budget-about": Text(
        "The run took {total}. Each moment counts once.", "本次运行共用时 {total}。每一时刻只计一次。"
    ),
    "budget-part": Text("Part", "部分"),
    "budget-share": Text("Share", "占比"),
    "budget-holds": Text("What it holds", "内容"),
    "budget.power": Text("Power cycles", "断电与上电"),
    "budget.line": Text("Line", "线路"),
    "budget.module": Text("Module", "模组"),
    "budget.network": Text("Network", "网络"),
    "budget.bench": Text("Bench", "测试台"),
    "budget-holds.power": Text("from power off to the first answer after power-up", "从断电到重新上电后的首次应答"),
    "budget-holds.line": Text(
        "bytes on the line, both ways, at the rig's baud rate; nothing where the line is instant (simulator, USB)",
        "按台架波特率计算的双向字节传输时间；线路无延迟（模拟器、USB）时为零",
    ),
    "budget-holds.module": Text(
        "from a command line to its final result code, its own waits for the cloud included, or to the deadline",
        "从命令行到最终结果码（含模组自身等待云端的时间），无应答时到时限为止",
    ),
    "budget-holds.network": Text(
        "between commands, until a packet, another event of the cloud or a URC came",
        "命令之间，直到报文、云端其他事件或 URC 到达",
    ),
    "budget-holds.bench": Text(
        "everything else: arranging and judging, pauses between commands, waits in which nothing came",
        "其余时间：准备与判定、命令间隔、未等到任何数据的等待",
    ),
    "ambiguities": Text("Ambiguity register", "手册歧义登记"),
    "ambiguities-about": Text(
        "{count} places where the manual is silent or contradicts itself, what was ruled, and what this module did.",
        "手册未作规定或自相矛盾的 {count} 处、相应裁定，以及本模组的表现。",
    ),
    "ambiguity": Text("What is unclear", "不明之处"),
    "ruling": Text("Ruling", "裁定"),
    "this-module": Text("This module", "本模组"),
    "refused-with": Text("refused: {final}", "拒绝：{final}"),
}
