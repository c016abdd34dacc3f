"""The words of the report of a run."""

from __future__ import annotations

from reports.texts.text import Text

REPORT: dict[str, Text] = {
    "title": Text("ML302 conformance", "ML302 一致性测试"),
    "title-of-rig": Text("ML302 conformance on {rig}", "ML302 一致性测试：{rig}"),
    # Verdicts: the exact spelling is shown beside these.
    "verdict.PASS": Text("conforms", "符合"),
    "verdict.FAIL": Text("breaks the manual", "不符合手册"),
    "verdict.DEVIATION": Text("deviates from what the manual implies", "偏离手册的隐含要求"),
    "verdict.WAIVED": Text("a breach that a waiver excuses", "已由豁免单豁免的不符合"),
    "verdict.OBSERVED": Text("recorded, not judged", "仅记录，不作判定"),
    "verdict.INCONCLUSIVE": Text("could not be decided on this rig", "在本台架上无法判定"),
    "verdict.NOT TESTED": Text("not tested", "未测试"),
    "verdict.BENCH ERROR": Text("the bench broke; the module is not to blame", "测试台故障，与模组无关"),
    "verdict.NOT PROVEN": Text(
        "mandated requirements could not be judged, and nobody announced it", "有强制要求未能判定，且事先未作说明"
    ),
    "verdict.announced": Text("what could not be judged was announced by the PICS", "未能判定的部分均由 PICS 事先说明"),
    "verdict.declared": Text("what was declared of the module does not hold", "关于模组的声明不成立"),
    "verdict.partial": Text("nothing found against it in what was tested", "已测试的部分未发现不符合"),
    "level.M": Text("mandated", "强制"),
    "level.I": Text("implied", "隐含"),
    "level.O": Text("open", "开放"),
    # Banner
    "verdict": Text("Verdict", "判定"),
    "banner-counts": Text("Of {count} requirements:", "共 {count} 项要求："),
    "strict": Text("strict: a DEVIATION counts as FAIL", "严格模式：DEVIATION 按 FAIL 计"),
    "died": Text(
        "The run died before its end, or its record is damaged: it does not reach its footer, "
        "and what was still to come is not tested.",
        "测试运行中途终止，或运行记录已损坏：记录未到结束标记，后续项目未测试。",
    ),
    "interrupted": Text(
        "The run was stopped before its end (exit status {status}).", "测试运行被提前停止（退出码 {status}）。"
    ),
    "resumed": Text(
        "Made in parts: ended before its time, gone on with at {at} UTC; {kept} tests of the part before keep their "
        "verdicts. SHA-256 of that part's record:",
        "分段完成：此前提前结束，于 {at} UTC 继续；前一段中 {kept} 个测试的判定保留。前一段运行记录的 SHA-256：",
    ),
    "only-problems": Text("Only problems", "只看问题"),
    "only-problems-told": Text(
        "Only problems are shown: what passed, was only recorded, or was not tested is hidden.",
        "仅显示问题：符合、仅记录和未测试的项目已隐藏。",
    ),
    # Facts
    "module": Text("Module", "模组"),
    "unknown": Text("unknown", "未知"),
    "revision": Text("Firmware", "固件版本"),
    "serial-number": Text("IMEI", "IMEI"),
    "dialect": Text("Error dialect", "错误码格式"),
    "rig": Text("Rig", "测试台"),
    "serial": Text("Serial port", "串口"),
    "power": Text("Power", "电源"),
    "cloud": Text("Cloud", "云端"),
    "suite": Text("Suite", "测试套件"),
    "uncommitted": Text("with uncommitted changes", "含未提交的修改"),
    "profile": Text("Profile", "测试档"),
    "started": Text("Started (UTC)", "开始时间（UTC）"),
    "duration": Text("Duration", "用时"),
    "host": Text("Host", "主机"),
    "software": Text("Software", "软件"),
    "catalogue": Text("Catalogue", "要求目录"),
    "identity": Text("Answers to the identity commands", "身份查询指令的应答"),
    # Counts
    "counts": Text("Requirements by verdict and level", "按判定和级别统计要求数"),
    "all": Text("All", "合计"),
    # What keeps a run from a PASS
    "concerns": Text("What to look at first", "首先需要查看的项目"),
    "expected": Text("Expected", "预期"),
    "observed": Text("Observed", "实际"),
    # The page to sign
    "sheet": Text("Page to sign", "签署页"),
    "sheet-alone": Text(
        "Reached by its link, this page is what is printed, alone;",
        "经链接打开本页时，仅打印本页；",
    ),
    "sheet-whole": Text("print the whole report", "打印完整报告"),
    "record-sha256": Text("SHA-256 of the record", "运行记录的 SHA-256"),
    "sheet-tests": Text("Done:", "完成："),
    "sheet-again": Text(
        "{made} of {all} judgements follow again from the bytes in the record.",
        "{all} 项判定中 {made} 项可由记录中的原始字节重新得出。",
    ),
    "sheet-simulator": Text(
        "The module under test was the suite's built-in simulator: this says nothing about hardware.",
        "被测模组为测试套件内置模拟器：本页不说明任何硬件的情况。",
    ),
    "sheet-failed": Text("What failed or deviated", "不符合与偏离"),
    "sheet-nothing": Text("None.", "无。"),
    "sheet-undecided": Text("What was not proven or not tested, and why", "未获证明或未测试的要求及原因"),
    "sheet-more": Text("and {count} more in the report", "另有 {count} 项见报告"),
    "sheet-signed": Text("Signed", "签署"),
    "sheet-tested-by": Text("Tested by", "测试"),
    "sheet-approved-by": Text("Approved by", "批准"),
    "sheet-name": Text("Name", "姓名"),
    "sheet-date": Text("Date", "日期"),
    "sheet-signature": Text("Signature", "签名"),
    # Requirement table
    "requirements": Text("Requirements", "要求"),
    "requirement": Text("Requirement", "要求"),
    "section": Text("Section", "章节"),
    "level": Text("Level", "级别"),
    "what": Text("What the module must do", "对模组的要求"),
    "tests": Text("Tests run / declared", "测试 已运行/已声明"),
    "why": Text("Why", "依据"),
    "reason.no-test": Text("no test covers it yet", "尚无测试覆盖"),
    "reason.not-selected": Text("not selected for this run", "本次运行未选择"),
    "reason.left-out": Text("the profile of this run leaves its tests out", "本次运行的配置不包含相关测试"),
    "reason.not-run": Text("its tests were not part of this run", "相关测试不在本次运行之内"),
    "reason.bench-lost": Text("the bench was lost before it could be tested", "测试之前测试台已失效"),
    "reason.bench-broke": Text("the bench broke before it could be judged", "判定之前测试台发生故障"),
    "reason.no-assertion": Text("its test ran, but evaluated no assertion on it", "测试已运行，但未执行针对它的断言"),
    "reason.time-limit": Text("its tests were left out by the time limit of the run", "因本次运行的时间限制未测试"),
    "reason.too-slow": Text(
        "its tests were left out, because the module's answers had become too slow", "模组应答已过慢，相关测试未进行"
    ),
    "reason.run-died": Text("the run died before it was judged", "判定之前测试运行已终止"),
    # Observations, incidents
    "observations": Text("Observations on what the manual leaves open", "手册未规定行为的观察记录"),
    "observation": Text("Observation", "观察结果"),
    "incidents": Text("Incidents", "事件"),
    "about.bench": Text("Of the bench", "测试台"),
    "about.module": Text("Of the module", "模组"),
    "about.surroundings": Text("Of the surroundings", "周围环境"),
    "about-surroundings": Text(
        "Neither the module's nor the bench's: network, neighbours on the port or at the gateway. "
        "What recovered changed no verdict.",
        "既不属于模组，也不属于测试台：网络、串口或网关上的其他设备。已恢复的事件不影响任何判定。",
    ),
    "incident": Text("What happened", "事件"),
    "incident.span": Text("{begin} s to {end} s, {seconds} s", "{begin} 秒至 {end} 秒，共 {seconds} 秒"),
    "incident.since": Text("from {begin} s on", "自 {begin} 秒起"),
    "incident.at": Text("at {at} s", "第 {at} 秒"),
    "incidents-lasted": Text("{seconds} s in all", "共 {seconds} 秒"),
    "act": Text("Who should act", "处理建议"),
    "recovered": Text("recovered", "已恢复"),
    "not-recovered": Text("not recovered", "未恢复"),
    # Not proven
    "unproven": Text("Not proven", "未获证明"),
    "unproven-about": Text(
        "Mandated requirements that this run set out to judge and could not, at least in part, and of which neither "
        "rig file, profile nor PICS announced that: {count}. Nothing shows that the module keeps them.",
        "本次运行应当判定而未能（完全）判定、且台架文件、测试档和 PICS 均未事先说明的强制要求：{count} 项。"
        "没有证据表明模组符合这些要求。",
    ),
    "unproven-unseen": Text("Not seen", "未见"),
    "unproven-share": Text("{hidden} of {all} findings", "{all} 条结论中的 {hidden} 条"),
    "unproven-more": Text("and {count} other reasons", "另有 {count} 个原因"),
    "announced": Text("Announced by the PICS", "PICS 已事先说明"),
    "announced-about": Text(
        "The vendor announced that these cannot be judged in full, and the run shows the reason: they do not make it "
        "NOT PROVEN.",
        "厂商已事先说明以下要求无法完全判定，运行也显示了同样的原因：这些要求不会使本次运行成为 NOT PROVEN。",
    ),
    # Bounds
    "bounds": Text("Bounds that verdicts rest on", "判定所依据的界限"),
    "bounds-about": Text(
        "The same for every rig and every module; how long the bench itself waits is never less.",
        "对所有台架和模组相同；测试台自身的等待时间不会短于这些界限。",
    ),
    "bound": Text("Bound", "界限"),
    "bound-value": Text("Value", "数值"),
    "bound-reason": Text("Why this number", "取值理由"),
    "unit.s": Text("s", "秒"),
    "unit.ms": Text("ms", "毫秒"),
    "unit.bytes": Text("bytes", "字节"),
    "unit.times": Text("times", "次"),
    "unit.fold": Text("×", "倍"),
    # Planned and done
    "planned": Text("Planned and done", "计划与完成"),
    "planned-about": Text(
        "What was to be tried many times over, and how often it was. Below the least number a requirement is "
        "INCONCLUSIVE.",
        "需要多次重复的测试步骤及其实际次数。少于最少次数时，该要求判为 INCONCLUSIVE。",
    ),
    "planned-what": Text("Steps", "步骤"),
    "planned-planned": Text("Planned", "计划"),
    "planned-strength": Text("Strength", "强度"),
    "planned-done": Text("Done", "完成"),
    "planned-least": Text("Least", "最少"),
    "planned-cut": Text("Cut short by", "缩减原因"),
    "planned-too-little": Text("(too little to judge by)", "（不足以判定）"),
    "judged-again": Text("Judged again", "重新判定"),
    "judged-again-about": Text(
        "{made} of {all} judgements of this run are data, and follow again from the bytes in its record: what was "
        "expected, and what came. A secret stands there as a label, such as 【3:64】 for the third one of the run, of "
        "64 bytes.",
        "本次运行的 {all} 项判定中，{made} 项以数据形式写明预期，可由记录中的原始字节重新得出。"
        "保密值以标签代替，如 【3:64】 表示本次运行的第 3 个保密值，长 64 字节。",
    ),
    "judged-again-not": Text(
        "The others are told in words, and a person has to look at the transcript:",
        "其余判定仅以文字说明，须由人工查看收发记录：",
    ),
    "why.paces": Text("the times of very many answers are compared", "比较大量应答的用时"),
    "why.restarts": Text(
        "a restart is told by several signs together, weighed while it happens", "重启由多个迹象在发生时综合判断"
    ),
    "why.packets": Text(
        "every packet is held against all of MQTT 3.1.1 by the gateway's own reader",
        "由网关自身的解析器按 MQTT 3.1.1 检查每个报文",
    ),
    "why.link": Text(
        "the time without a packet ends where the bench stopped watching, at no event",
        "无报文的时间止于台架停止观察之时，该时刻没有事件",
    ),
    "why.polluted": Text(
        "which of many lines did it is found out by trying them again", "由哪一行引起，须逐行重试才能确定"
    ),
    "why.unseen": Text("nobody on this rig sees the module's packets", "本台架上看不到被测模组的报文"),
    "why.masked": Text("a masked secret hides what it would take", "被遮盖的密钥隐藏了判定所需的内容"),
    "why.parsers": Text(
        "the record's own parser sees it otherwise than the bench did", "记录自身的解析器与台架所见不同"
    ),
    "why.not-judged": Text("nothing was judged; the finding says why", "未作判定，原因见该条结论"),
    "why.words": Text("the record does not say why", "记录未说明原因"),
    "effort.share": Text("{done} of {planned} {what}", "{what} {done}/{planned}"),
    "effort.cut": Text("{share}: {cut}", "{share}：{cut}"),
    "effort.at-least": Text("at least {minimum} of {planned} {what}", "{what} {planned} 中至少 {minimum}"),
    "effort.done": Text("{done} of {planned} {what}", "{what} {planned} 中完成 {done}"),
    "effort.counted": Text("planned and done", "计划与完成"),
    "effort.tests": Text("tests", "测试"),
    "effort.generated-lines": Text("generated command lines", "生成的命令行"),
    "effort.line-classes": Text("classes of lines visited", "已覆盖的命令行类别"),
    "effort.session-lines": Text("lines while a session was open", "会话打开期间的命令行"),
    "effort.corpus-lines": Text("lines of the corpus", "语料库命令行"),
    "effort.ignored-lines": Text("lines that are no commands", "非命令行"),
    "effort.sequences": Text("sequences of commands", "命令序列"),
    "effort.pace-rounds": Text("rounds of three commands", "三条命令的轮次"),
    "effort.ordinary-rounds": Text("rounds of four commands", "四条命令的轮次"),
    "effort.messages": Text("messages of one session", "同一会话的消息"),
    "effort.payload-sizes": Text("payload sizes", "载荷大小"),
    "effort.combinations": Text("combinations", "组合"),
    "effort.character-texts": Text("texts of few characters", "少量字符的文本"),
    "effort.strength-2": Text(
        "strength 2, {done} of {planned} pairs of values", "强度 2，取值两两搭配 {done}/{planned}"
    ),
    "effort.strength-3": Text(
        "strength 3, {done} of {planned} triples of values", "强度 3，取值三三搭配 {done}/{planned}"
    ),
    "effort.with-strength": Text("{share}, {strength}", "{share}，{strength}"),
    "cut.slow answers": Text("slow answers", "应答较慢"),
    "cut.profile": Text("profile", "测试档"),
    "cut.time limit": Text("time limit", "时间限制"),
    "cut.selection": Text("selection", "测试选择"),
    # Tests
    "test": Text("Test", "测试"),
    "tests-title": Text("Tests", "测试"),
    "findings": Text("Findings", "检查结论"),
    "findings-more": Text("{count} more that are good, in the record.", "另有 {count} 条符合的结论，见运行记录。"),
    "no-findings": Text("No assertion was evaluated.", "没有执行任何断言。"),
    "unfinished": Text("never ended", "未结束"),
    "evidence": Text("Evidence", "证据"),
    "transcript": Text("Transcript", "通信记录"),
    "transcript-start": Text(
        "Times count from the start of the test, {at} s into the run.",
        "时间从测试开始计，测试始于运行后 {at} 秒。",
    ),
    "no-events": Text("Nothing was sent or received.", "没有收发任何数据。"),
    "omitted": Text(
        "{count} events left out here; the record holds them ({first} to {last}).",
        "此处省略 {count} 条事件，完整内容见运行记录（{first} 至 {last}）。",
    ),
    "masked-note": Text(
        "What is masked stands on dark ground, and as ** in hex; any other * was sent as it is.",
        "被遮盖的内容以深色底显示，十六进制中写作 **；其他 * 均为原样收发。",
    ),
    "dropped": Text("{count} bytes dropped here: the module floods the line", "此处丢弃 {count} 字节：模组发送泛滥"),
    "cut": Text("{count} more bytes in the record", "其余 {count} 字节见运行记录"),
    "time": Text("Time", "时间"),
    "lane.tx": Text("bench → module", "测试台 → 模组"),
    "lane.rx": Text("module → bench", "模组 → 测试台"),
    "lane.up": Text("module → cloud", "模组 → 云端"),
    "lane.down": Text("cloud → module", "云端 → 模组"),
    "lane.cloud": Text("cloud", "云端"),
    "lane.power": Text("power", "电源"),
    "lane.module": Text("identity", "身份"),
    "lane.finding": Text("finding", "结论"),
    "lane.incident": Text("incident", "事件"),
    # Report
    "silence": Text("no final result", "无最终结果"),
    "no-concerns": Text("Nothing was found against the module.", "未发现不符合项。"),
    "concerns-more": Text("{count} more in the list of requirements.", "另有 {count} 项见要求列表。"),
    "search": Text("Text", "文字"),
    "shown-of": Text("{shown} of {all} shown", "显示 {shown} / {all}"),
    "tests-more": Text("and {count} more", "另有 {count} 个"),
    "observations-more": Text("{count} other observations, in the record", "另有 {count} 种观察结果，见运行记录"),
    "findings-title": Text("Findings", "问题详情"),
    "checked": Text("Checked", "检查内容"),
    "timing": Text("Time", "时间"),
    "timing-at": Text("{at} s into the test; {wall} UTC", "测试开始后 {at} 秒；{wall} UTC"),
    "evidence-last": Text("What came last", "此前最后的数据"),
    "escaped": Text("Escaped", "转义文本"),
    "hex": Text("Hex", "十六进制"),
    "evidence-more": Text("{count} more in the transcript", "其余 {count} 条见通信记录"),
    # What was expected beside what came
    "diff.value": Text("The value in the answer:", "应答中的值："),
    "diff.nearest": Text(
        "The value in the answer, beside the nearest of {count} right ones:",
        "应答中的值，与 {count} 个正确值中最接近者对照：",
    ),
    "diff.message": Text(
        "Message {place} ({expected} expected, {observed} came):",
        "第 {place} 条消息（预期 {expected} 条，实际 {observed} 条）：",
    ),
    "diff.first": Text("first difference at byte {at}, counted from 0.", "首个差异位于字节 {at}（从 0 起计）。"),
    "diff.bytes": Text(
        "Bytes that deviate: expected {expected}; observed {observed}.",
        "有差异的字节：预期 {expected}；实际 {observed}。",
    ),
    "diff.legend": Text(
        "Underlined between 《 》, in hex between [ ]: what deviates; --: this side has no byte there.",
        "有差异处加下划线，文本中以《 》、十六进制中以 [ ] 括起；-- 表示该侧无此字节。",
    ),
    "diff.length": Text("{count} bytes", "{count} 字节"),
    "diff.before": Text("{count} bytes …", "前 {count} 字节 …"),
    "diff.behind": Text("… {count} bytes", "… 后 {count} 字节"),
    "diff.nothing": Text("nothing", "无"),
    "diff.more": Text("{count} more differ.", "另有 {count} 处不同。"),
    "replay-test": Text("This test alone:", "单独运行该测试："),
    "replay-lines": Text(
        "By hand, in a serial terminal on a module that was just switched on, each line after the answer to the one "
        "before (what the cloud did is in the transcript):",
        "手动重放：模组重新上电后，在串口终端中逐行粘贴，收到应答后再发下一行（云端的动作见通信记录）：",
    ),
    "replay-more": Text(
        "({count} lines in the middle are left out; all of them: python -m reports show RUN_DIR {event})",
        "（中间省略 {count} 行；全部命令行见 python -m reports show RUN_DIR {event}）",
    ),
    "replay-power": Text("Switch its supply off and on here, then:", "此处断电再上电，然后："),
    "replay-stand-ins": Text(
        "The record holds no secret: what stands in its place is made up, of the same length. Put in your device's own "
        "where a login has to succeed.",
        "运行记录不含保密值：相应位置为等长的替代值。需要登录成功时，请换成本设备的真实值。",
    ),
    "replay-untypable": Text(
        "{count} lines hold bytes that a terminal cannot send as they are shown: these stand as escapes.",
        "{count} 行含终端无法直接发送的字节，以转义形式显示。",
    ),
    "whole-test": Text("The whole test:", "完整测试："),
    "log": Text("What pytest captured", "pytest 捕获的输出"),
    "lanes": Text("Lanes shown:", "显示泳道："),
    "column.serial": Text("Serial line", "串口"),
    "column.mqtt": Text("MQTT", "MQTT"),
    "column.bench": Text("Power, gateway, findings", "电源、网关、结论"),
    "packed": Text(
        "The details of the tests below are packed and need a browser with scripts; the findings above do not.",
        "以下测试的详情经过压缩，需要启用脚本的浏览器；上文的问题详情不需要。",
    ),
    "not-printed": Text("Printed are the tests that are unfolded.", "仅打印已展开的测试。"),
    "unreadable": Text(
        "This browser could not unpack the details; the run record holds them.",
        "此浏览器无法解压详情，完整内容见运行记录。",
    ),
    "not-collected": Text("What could not be collected", "未能收集的测试"),
    "bench": Text("Bench and software", "测试台与软件"),
    "simulator": Text("Options of the simulator", "模拟器选项"),
    "waivers": Text("Waivers", "豁免单"),
    "what-came-of-it": Text("Outcome", "结果"),
    "certification": Text("Certification", "认证"),
    "certification-earned": Text(
        "Nothing is missing: the run earns a certificate, certificate.json beside this report.",
        "无缺项：本次运行可获证书，见报告旁的 certificate.json。",
    ),
    "missing": Text("Missing", "缺项"),
    "pics": Text("Vendor's claims (PICS)", "厂商声明（PICS）"),
    "pics-of": Text(
        "Stated in {file}, each held against what this run saw.", "由 {file} 声明，逐项与本次运行所见对照。"
    ),
    "claim": Text("Claim", "声明项"),
    "claim-says": Text("What it says", "含义"),
    "claimed": Text("Claimed", "声明"),
    "seen": Text("Seen", "实测"),
    "claim-announced": Text("Announced by it", "由其说明"),
    "waiver.reason": Text("Reason", "原因"),
    "waiver.ticket": Text("Ticket", "工单"),
    "waiver.owner": Text("Owner", "负责人"),
    "waiver.expires": Text("Expires", "到期"),
    "review": Text("Review", "评审"),
    "review-why": Text("The bench does not judge these; a reviewer does.", "以下各项测试台不作判定，由评审人判定。"),
    "review-of-another": Text(
        "This review was made of another state of the record: review again.",
        "该评审所针对的运行记录与本记录不一致，请重新评审。",
    ),
    "decision": Text("Decision", "结论"),
    "decision-whole": Text("Decision on the run", "对本次运行的结论"),
    "decision.accepted": Text("accepted", "接受"),
    "decision.rejected": Text("rejected", "不接受"),
    "remark": Text("Remark", "备注"),
    "reviewer": Text("Reviewer", "评审人"),
    "review-date": Text("Date", "日期"),
}
