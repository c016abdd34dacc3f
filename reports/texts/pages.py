"""The words of the pages that `compare` and `site` make."""

from __future__ import annotations

from reports.texts.text import Text

PAGES: dict[str, Text] = {
    # Compare
    "compare.title": Text("Comparison of two runs", "两次运行的对比"),
    "compare.old": Text("OLD", "旧"),
    "compare.new": Text("NEW", "新"),
    "compare.regressions": Text("{count} regressed", "{count} 项退化"),
    "compare.less-proven": Text("{count} no longer proven", "{count} 项不再获证明"),
    "compare.not-proven": Text(
        "{run} is NOT PROVEN: mandated requirements that could not be judged, and nobody announced it: {ids}",
        "{run}运行为 NOT PROVEN：未能判定且事先未作说明的强制要求：{ids}",
    ),
    "compare.no-regression": Text("no regression", "无退化"),
    "compare.unchanged": Text("{count} as before", "{count} 项不变"),
    "compare.regressed": Text("Regressed", "退化"),
    "compare.fixed": Text("Fixed", "已修复"),
    "compare.no_longer_judged": Text("No longer judged", "不再有判定"),
    "compare.first_judged": Text("Judged now, not before", "此前无判定，本次有判定"),
    "compare.waiver": Text("As broken as before, but a waiver came or went", "不符合情况未变，豁免有增减"),
    "compare.new_requirements": Text("New requirements", "新增要求"),
    "compare.gone": Text("Requirements that are gone", "已移除的要求"),
    "compare.observations": Text("Changed observations", "观察记录的变化"),
    "compare.answers-changed": Text("Answers that changed", "应答的变化"),
    "compare.answers-of": Text(
        "{changed} of {count} judgements that both runs made were answered otherwise, or judged otherwise.",
        "两次运行共有的 {count} 次判定中，{changed} 次的应答或判定结果有变化。",
    ),
    "compare.answers-same": Text(
        "All {count} judgements that both runs made were answered and judged as before.",
        "两次运行共有的 {count} 次判定，应答与判定结果均无变化。",
    ),
    "compare.parted": Text(
        "{old} judgements of OLD, {new} of NEW have no counterpart (tests: {tests}): no answer of theirs is compared.",
        "旧运行的 {old} 次判定与新运行的 {new} 次判定在对方中没有对应（涉及 {tests} 项测试），其应答未作对比。",
    ),
    "compare.more-alike": Text("{count} more in other ways", "另有 {count} 次，变化方式不同"),
    "compare.more-groups": Text(
        "{groups} more groups with {count} answers: the JSON file has them all.",
        "另有 {groups} 组共 {count} 次应答，完整内容见 JSON 文件。",
    ),
    "compare.part.verdict": Text("verdict", "判定"),
    "compare.part.result": Text("final result code", "最终结果码"),
    "compare.part.information": Text("information response", "信息响应"),
    "compare.part.form": Text("form", "书写形式"),
    "compare.part.time": Text("time", "用时"),
    "compare.silence": Text("silence", "无应答"),
    "compare.no-result": Text("no final result code", "无最终结果码"),
    "compare.nothing": Text("nothing", "无"),
    "compare.no-command": Text("messages and connections", "消息与连接"),
    "compare.times": Text("Count", "次数"),
    "compare.first-answer": Text("First of them", "首次出现"),
    "compare.events": Text("event {old} / {new}", "事件 {old} / {new}"),
    "compare.unanswered.schema": Text(
        "Answers are not compared: the record of {run} is of schema {detail}, without expectations as data.",
        "未对比应答：{run}运行的记录为第 {detail} 版格式，其中没有数据形式的预期。",
    ),
    "compare.unanswered.catalogue": Text(
        "Answers are not compared: the runs are of different catalogues.", "未对比应答：两次运行的要求目录不同。"
    ),
    "compare.unanswered.unreadable": Text(
        "Answers are not compared: the record of {run} cannot be used: {detail}",
        "未对比应答：{run}运行的记录无法使用：{detail}",
    ),
    "compare.traffic": Text("Messages and connections that changed", "消息与连接的变化"),
    "compare.traffic-changed": Text(
        "{count} x  {fact}: {old} -> {new}  ({test}, {events})",
        "{count} 次  {fact}：{old} -> {new}（{test}，{events}）",
    ),
    "compare.more-traffic": Text("and {count} other ways of changing", "另有 {count} 种变化"),
    "compare.fact.connections": Text("connections in a test", "测试中的连接数"),
    "compare.fact.login": Text("login", "登录"),
    "compare.fact.subscription": Text("subscription", "订阅"),
    "compare.fact.message": Text("message", "消息"),
    "compare.fact.end": Text("end of the connection", "连接的结束"),
    "compare.fact.time-to-login": Text("from connection to CONNECT", "从连接到 CONNECT"),
    "compare.fact.time-to-confirm": Text("from a message to its PUBACK", "从消息到 PUBACK"),
    "compare.fact.time-to-end": Text("from DISCONNECT to the end", "从 DISCONNECT 到连接结束"),
    "compare.timing": Text("Timing drift", "响应时间漂移"),
    "compare.anew": Text(
        "OLD is compared as NEW's catalogue judges it, which makes this otherwise and is no change of the module: "
        "{changes}",
        "旧运行按新运行的要求目录重新判定后再作对比；以下变化来自目录，而非模组：{changes}",
    ),
    "compare.not-anew": Text(
        "The catalogues differ, and OLD could not be judged by that of NEW: a changed verdict may come from either. "
        "{why}",
        "两次运行的要求目录不同，且旧运行无法按新目录重新判定，因此判定变化可能来自目录，也可能来自模组：{why}",
    ),
    "compare.cautions": Text(
        "Besides the firmware these differ, and a changed verdict may come from them:",
        "除固件外，以下各项也不同，判定变化可能由其引起：",
    ),
    "compare.differs": Text("{what}: {old} / {new}", "{what}：{old} / {new}"),
    "compare.dirty": Text(
        "{what}: {new} in both, and what was uncommitted may differ",
        "{what}：均为 {new}，但未提交的修改可能不同",
    ),
    "compare.suite": Text("suite", "测试套件"),
    "compare.catalogue": Text("catalogue", "要求目录"),
    "compare.profile": Text("profile", "测试档"),
    "compare.strict": Text("strict", "严格模式"),
    "compare.rig": Text("rig", "测试台"),
    "compare.model": Text("module", "模组"),
    "compare.serial_number": Text("unit (IMEI)", "样机（IMEI）"),
    "compare.same-firmware": Text(
        "Both runs name the same firmware, {firmware}.", "两次运行的固件版本相同：{firmware}。"
    ),
    "compare.died": Text("{run} died before its end: much of it is not tested.", "{run}运行中途终止，大量项目未测试。"),
    "compare.untimed": Text(
        "Not every run holds latencies: timing is not compared.", "并非两次运行都有响应时间数据，未作时间对比。"
    ),
    "compare.came": Text("came", "新出现"),
    "compare.went": Text("went", "已消失"),
    "compare.command": Text("Command", "指令"),
    "compare.median": Text("Median", "中位数"),
    "compare.margin": Text("Margin", "容差"),
    "compare.answers": Text("Answers", "应答数"),
    "compare.spread": Text("Middle half and median", "中间半数与中位数"),
    "compare.change": Text("Change", "变化"),
    # Site
    "site.title": Text("ML302 conformance: history", "ML302 一致性测试：历史"),
    "site.of-rig": Text("ML302 conformance: history of {rig}", "ML302 一致性测试：{rig} 的历史"),
    "site.extent": Text(
        "{runs} runs, {firmwares} firmwares, {first} to {last} (UTC)",
        "{runs} 次运行，{firmwares} 个固件版本，{first} 至 {last}（UTC）",
    ),
    "site.all-rigs": Text("All rigs", "全部测试台"),
    "site.rigs": Text("Rigs", "测试台"),
    "site.grid": Text("Requirements by firmware", "各固件版本的要求判定"),
    "site.grid-note": Text(
        "Each column is the latest run of a firmware that reached its end; a cell leads to its report. The trend runs "
        "from the oldest to the newest of the last {count} runs.",
        "每列为该固件版本最近一次完整运行，点击单元格可打开其报告。趋势为最近 {count} 次运行，由旧到新。",
    ),
    "site.more-firmwares": Text("{count} older firmwares are left out here.", "此处省略 {count} 个更早的固件版本。"),
    "site.trend": Text("Trend", "趋势"),
    "site.counts": Text("What was of concern", "需关注的项目数"),
    "site.counts-note": Text(
        "Requirements that are neither PASS, OBSERVED nor NOT TESTED, by verdict, from the oldest to the newest of the "
        "last {count} runs; {most} at most.",
        "最近 {count} 次运行中除 PASS、OBSERVED、NOT TESTED 以外的要求数，按判定统计，由旧到新；最多 {most} 项。",
    ),
    "site.flaky": Text("Flaky requirements", "判定不稳定的要求"),
    "site.flaky-note": Text(
        "The verdict changed although firmware and suite are the same.", "固件与测试套件均相同，判定却有变化。"
    ),
    "site.flips": Text("Changes", "变化次数"),
    "site.verdicts": Text("Verdicts", "各判定次数"),
    "site.timing": Text("Timing per command", "各指令的响应时间"),
    "site.timing-note": Text(
        "Median of the answers in each run, the middle half around it, from the oldest to the newest of the last "
        "{count} runs.",
        "最近 {count} 次运行应答时间的中位数及中间半数范围，由旧到新。",
    ),
    "site.first": Text("First", "最早"),
    "site.last": Text("Last", "最新"),
    "site.runs": Text("Runs", "运行列表"),
    "site.run-died": Text("died before its end", "中途终止"),
    "site.broken": Text("What could not be read", "无法读取的运行"),
    "site.name": Text("Name", "名称"),
    "site.reason": Text("Reason", "原因"),
    "site.no-summary": Text(
        "no summary.json: the run died, or is still going; python -m reports rebuild makes it from the record",
        "没有 summary.json：运行已终止或仍在进行；可用 python -m reports rebuild 由运行记录生成",
    ),
    "site.empty": Text("neither a record nor a summary", "既无运行记录，也无摘要"),
}
