"""Every word of the reports, in English and Chinese; the catalogue brings the requirements' own texts."""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    en: str
    zh: str


TEXTS: dict[str, Text] = {
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
        "The run died before its end: the record has no footer, and what was still to come is not tested.",
        "测试运行中途终止：记录没有结束标记，后续项目未测试。",
    ),
    "interrupted": Text(
        "The run was stopped before its end (exit status {status}).", "测试运行被提前停止（退出码 {status}）。"
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
    # Requirement table
    "requirements": Text("Requirements", "要求"),
    "requirement": Text("Requirement", "要求"),
    "section": Text("Section", "章节"),
    "level": Text("Level", "级别"),
    "what": Text("What the module must do", "对模组的要求"),
    "tests": Text("Tests run / declared", "测试 已运行/已声明"),
    "why": Text("Why", "依据"),
    "reason.no-test": Text("no test covers it yet", "尚无测试覆盖"),
    "reason.not-run": Text("its tests were not part of this run", "相关测试不在本次运行之内"),
    "reason.bench-broke": Text("the bench broke before it could be judged", "判定之前测试台发生故障"),
    "reason.no-assertion": Text("its test ran, but evaluated no assertion on it", "测试已运行，但未执行针对它的断言"),
    "reason.run-died": Text("the run died before it was judged", "判定之前测试运行已终止"),
    # Observations, incidents
    "observations": Text("Observations on what the manual leaves open", "手册未规定行为的观察记录"),
    "observation": Text("Observation", "观察结果"),
    "incidents": Text("Incidents on the bench", "测试台事件"),
    "incident": Text("What happened", "事件"),
    "act": Text("Who should act", "处理建议"),
    "recovered": Text("recovered", "已恢复"),
    "not-recovered": Text("not recovered", "未恢复"),
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
    "replay-test": Text("This test alone:", "单独运行该测试："),
    "replay-lines": Text("By hand, the lines that were sent up to here:", "手动重放，到此为止发送的命令行："),
    "replay-more": Text(
        "(the last ones; {count} before them in the transcript)", "（最后几行；之前 {count} 行见通信记录）"
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
    # Timing
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
    "budget": Text("Time budget", "时间构成"),
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
    # Terminal
    "terminal.header": Text("conformance", "一致性测试"),
    "terminal.verdict": Text("Verdict: {verdict} ({meaning})", "判定：{verdict}（{meaning}）"),
    "terminal.counts": Text("Requirements: {counts}", "要求：{counts}"),
    "terminal.concern": Text(
        "{requirement} {verdict}: expected {expected}; observed {observed}",
        "{requirement} {verdict}：预期 {expected}；实际 {observed}",
    ),
    "terminal.incident": Text("BENCH ERROR: {text} -- {act}", "BENCH ERROR：{text} -- {act}"),
    "act.disk": Text(
        "lab: free or repair the disk under the run directory, then rebuild the report from its record",
        "请实验室清理或修复运行目录所在磁盘，然后由运行记录重新生成报告",
    ),
    "terminal.more": Text("... and {count} more", "……另有 {count} 项"),
    "terminal.report": Text("Report: {path}", "报告：{path}"),
    # Compare
    "compare.title": Text("Comparison of two runs", "两次运行的对比"),
    "compare.old": Text("OLD", "旧"),
    "compare.new": Text("NEW", "新"),
    "compare.regressions": Text("{count} regressed", "{count} 项退化"),
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
    "compare.timing": Text("Timing drift", "响应时间漂移"),
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
    # Declarations
    "claim.module": Text("the declaration is made for this model", "声明所针对的模组型号"),
    "claim.firmware": Text("the declaration is made for this firmware", "声明所针对的固件版本"),
    "claim.tls": Text("sessions over TLS", "支持 TLS 会话"),
    "claim.verifies_certificates": Text("refuses servers with a wrong certificate", "拒绝证书有误的服务器"),
    "claim.lowest_tls_version": Text("lowest TLS version that it accepts", "接受的最低 TLS 版本"),
    "claim.regions": Text("takes this region", "接受该区域"),
    "claim.dynamic_registration": Text("registers itself with a ProductSecret alone", "仅凭 ProductSecret 动态注册"),
    "claim.dialect": Text("how it writes every error", "错误应答的写法"),
    "claim.error_codes": Text("shows error codes", "显示错误码"),
    "claim.lower_case_commands": Text("understands commands in lower case", "识别小写指令"),
    "claim.unquoted_strings": Text("takes strings without quotes", "接受不带引号的字符串"),
    "claim.non_ascii_identity": Text("takes identity values that are not ASCII", "身份参数接受非 ASCII 字符"),
    "claim.empty_identity": Text("an empty identity value clears the old one", "写入空值可清除身份参数"),
    "claim.port_0": Text("takes port 0", "接受端口 0"),
    "claim.largest_publish_payload": Text(
        "largest payload that it publishes, in bytes", "可发布的最大消息长度（字节）"
    ),
    "claim.largest_downlink_payload": Text(
        "largest payload that it shows whole, in bytes", "可完整显示的最大下行消息长度（字节）"
    ),
    "claim.empty_payload": Text("publishes empty payloads", "可发布空消息"),
    "claim.qos_2_subscribe": Text("takes subscriptions with QoS 2", "接受 QoS 2 订阅"),
    "claim.wildcard_subscribe": Text("takes wildcards in subscriptions", "订阅支持通配符"),
    "claim.waits_for_puback": Text(
        "says OK to a QoS 1 publish only after the acknowledgement", "QoS 1 发布在收到 PUBACK 后才返回 OK"
    ),
    "claim.republishes_with_dup": Text("sends an unacknowledged publish again, with DUP", "未确认的发布会带 DUP 重发"),
    "claim.automatic_reconnect": Text("connects again by itself after a drop", "断线后自动重连"),
    "claim.connects_at_power_up": Text("connects by itself at power-up", "上电后自动连接"),
    "claim.nothing-seen": Text("nothing", "无"),
    "claim.false": Text(
        "PICS {claim}: false: claimed {claimed}, seen {seen} ({requirement}: {what})",
        "PICS {claim}：不实：声明 {claimed}，实测 {seen}（{requirement}：{what}）",
    ),
    "claim.counts": Text("PICS {file}: {counts}", "PICS {file}：{counts}"),
    "claim-verdict.true": Text("true", "属实"),
    "claim-verdict.false": Text("false", "不实"),
    "claim-verdict.not checked": Text("not checked", "未核实"),
    "claim-verdict.not claimed": Text("not claimed", "未声明"),
    "waiver.beside": Text("{observed} -- waived: {reason} ({ticket})", "{observed} -- 豁免：{reason}（{ticket}）"),
    "waiver.applied": Text(
        "Waiver {requirement}: applied: {reason} ({ticket}, owner {owner}, expires {expires})",
        "豁免单 {requirement}：已生效：{reason}（{ticket}，负责人 {owner}，有效期至 {expires}）",
    ),
    "waiver.not exercised": Text(
        "Waiver {requirement}: not exercised: this run does not judge the requirement in full",
        "豁免单 {requirement}：未触发：本次运行未完整判定该要求",
    ),
    "waiver.expired": Text(
        "Waiver {requirement}: expired on {expires}: prolong it, or remove it ({ticket}, owner {owner})",
        "豁免单 {requirement}：已于 {expires} 到期：请延期或删除（{ticket}，负责人 {owner}）",
    ),
    "waiver.stale": Text(
        "Waiver {requirement}: stale: the requirement did not fail: remove the waiver ({ticket}, owner {owner})",
        "豁免单 {requirement}：已失效：该要求并未不符合：请删除此豁免（{ticket}，负责人 {owner}）",
    ),
    "waiver.unmatched": Text(
        "Waiver {requirement}: unmatched: made for firmware {firmware}, and this is {revision}: correct or remove it",
        "豁免单 {requirement}：不匹配：针对固件 {firmware}，而当前固件为 {revision}：请更正或删除",
    ),
    "waiver.nobody": Text("nobody", "无"),
    "waiver.never": Text("never", "永不"),
    "certificate.granted": Text("Certificate: granted: {path}", "认证证书：已签发：{path}"),
    "certificate.simulator": Text(
        "The module is the suite's built-in simulator: this certifies no hardware.",
        "被测模组为测试套件内置模拟器：本证书不认证任何硬件。",
    ),
    "certificate.refused": Text("Certificate: none; missing: {count}", "认证证书：未签发：缺少 {count} 项"),
    "certificate.missing": Text("  {about}{verdict}: {reason}", "  {about}{verdict}：{reason}"),
    "certificate.cannot": Text(
        "--certify: no certificate can come of this run: {reason}", "--certify：本次运行无法签发证书：{reason}"
    ),
    "missing.not-asked": Text("the run was not made with --certify", "本次运行未使用 --certify"),
    "missing.died": Text("the run died before its end", "运行中途终止"),
    "missing.stopped": Text("the run was stopped (exit status {status})", "运行被停止（退出码 {status}）"),
    "missing.verdict": Text("the run's verdict is {verdict}", "运行判定为 {verdict}"),
    "missing.incident": Text("{text} -- {act}", "{text} -- {act}"),
    "missing.no-commit": Text(
        "the suite's commit is not known: run it from a git checkout", "测试套件提交未知：请在 git 检出目录中运行"
    ),
    "missing.dirty": Text(
        "the suite's checkout has uncommitted changes: commit or remove them", "测试套件含未提交的修改：请提交或清除"
    ),
    "missing.profile": Text("profile {profile} leaves requirements out", "测试档 {profile} 未覆盖全部要求"),
    "missing.simulator-options": Text("the simulator was told to differ: {options}", "模拟器带有额外选项：{options}"),
    "missing.gateway": Text("the gateway did without {faults}", "网关缺少故障注入：{faults}"),
    "missing.part": Text("a part of the suite was run", "仅运行了部分测试套件"),
    "missing.not-run": Text("{count} of {of} tests did not run: {tests}", "{of} 个测试中有 {count} 个未运行：{tests}"),
    "missing.no-revision": Text("the module told no firmware revision", "模组未报告固件版本"),
    "missing.two-modules": Text("more than one module answered: {seen}", "应答的模组不止一个：{seen}"),
    "missing.waiver": Text("the waiver of {requirement} is {status}", "{requirement} 的豁免单状态为 {status}"),
    "missing.no-owner": Text("the waiver of {requirement} has no owner", "{requirement} 的豁免单没有负责人"),
    "missing.no-expiry": Text("the waiver of {requirement} does not expire", "{requirement} 的豁免单没有有效期"),
    "missing.claim": Text(
        "claim {claim} is false: claimed {claimed}, seen {seen}", "声明 {claim} 不实：声明 {claimed}，实测 {seen}"
    ),
}
