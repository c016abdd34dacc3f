"""Bundles and records that were changed or contradict themselves, and what is told of one that holds."""

from __future__ import annotations

UNHELD: dict[str, str] = {
    "not a bundle: it does not end as a bundle does; was it cut, or something appended?": (
        "不是证据包：结尾与证据包不符；是否被截断，或追加了内容？"
    ),
    "not a bundle: its directory is not where it belongs; was something inserted or cut?": (
        "不是证据包：其目录不在应有的位置；是否插入或删去了内容？"
    ),
    "the zip directory was changed": "zip 目录被改动",
    "{name} was changed": "{name} 被改动",
    "{file} was changed: it does not end where it should": "{file} 被改动：结束位置不对",
    "not a bundle: its directory is damaged": "不是证据包：其目录已损坏",
    "not a bundle: it holds {name!a} twice": "不是证据包：其中 {name!a} 出现两次",
    "the zip header of {file} was changed": "{file} 的 zip 头被改动",
    "{name} is longer than it says": "{name} 比其声明的更长",
    "{file} was changed: it cannot be unpacked": "{file} 被改动：无法解压",
    "the record is of schema {schema} and says that it is judged by rules {rules}": (
        "记录为 schema {schema}，却称按规则 {rules} 判定"
    ),
    "only records something and says {said}": "仅作记录，却称 {said}",
    "judges something else than the effort that it counts": "判定的不是其所统计的工作量",
    "says that a mask hides what it rests on; nothing before it in its test is masked": (
        "称其依据被遮盖；但在所属测试中，此前没有任何内容被遮盖"
    ),
    "the finding of event {event} {complaint}": "事件 {event} 的结论{complaint}",
    "has an expectation, in a record of schema 1": "带有期望，而记录为 schema 1",
    "event {seq} says that {command} was answered otherwise than it was": (
        "事件 {seq} 所称的 {command} 应答与实际不符"
    ),
    "event {seq} says {field} {said}; {command} was answered otherwise": (
        "事件 {seq} 称 {field} 为 {said}；{command} 的应答与此不同"
    ),
    "rendered by {reasons}": "渲染环境不同：{reasons}",
    "line {line} says {said!r}; the record gives {given!r}": "第 {line} 行为 {said!r}；由记录得出 {given!r}",
    "the manifest does not tell by what the page was rendered": "清单没有说明页面由什么渲染",
    "the bundle is of schema 1, which does not tell by what it was rendered": "证据包为 schema 1，没有说明由什么渲染",
    "{name} {theirs}, here {ours}": "{name} {theirs}，此处为 {ours}",
    "{file} was changed: a script too many; {where}": "{file} 被改动：多出脚本；{where}",
    "{file} was changed: {where}": "{file} 被改动：{where}",
    "{file} was changed: something stands behind the packed details of its tests": (
        "{file} 被改动：测试详情的压缩数据之后还有内容"
    ),
    "the packed details of its tests says {said!r}; the record gives {given!r}": (
        "测试详情的压缩数据为 {said!r}；由记录得出 {given!r}"
    ),
    "another version of the suite ({theirs}, this one is {ours})": "套件版本不同（{theirs}，本套件为 {ours}）",
    "{file} was changed: the packed details of its tests cannot be unpacked": (
        "{file} 被改动：测试详情的压缩数据无法解压"
    ),
    "{verdict} with exit status {status}": "{verdict}，退出状态 {status}",
    "the record's footer says {said}; its findings give {given}": "记录的结尾行称 {said}；由其结论得出 {given}",
    "{file} lacks {key!r}": "{file} 缺少 {key!r}",
    "{file} says {said} for {place}; the record gives {given}": "{file} 称 {place} 为 {said}；由记录得出 {given}",
    "{file} tells a claim twice": "{file} 重复给出同一声明",
    "{file} has a document type or a comment, which this suite never writes": (
        "{file} 含有文档类型或注释，本套件从不写入这些内容"
    ),
    "{file} says {said} for the run; the record gives {given}": "{file} 称本次运行为 {said}；由记录得出 {given}",
    "{file} certifies a run that earned no certificate": "{file} 为没有取得证书的运行出具了证书",
    "{file} is no JSON object": "{file} 不是 JSON 对象",
    "test {test} never ended, but the record has a footer": "测试 {test} 没有结束，而记录却有结尾行",
    "test {test} says {said}; its findings give {given}": "测试 {test} 称 {said}；由其结论得出 {given}",
    "the finding of event {event} cites evidence that does not precede it": "事件 {event} 的结论引用的证据不在其之前",
    "the finding of event {event} judges by less than the least that it says it needs": (
        "事件 {event} 的结论所依据的工作量少于其自称的最低要求"
    ),
    "{file} is in the bundle, but the run was given none": "证据包中有 {file}，而运行时没有给出该文件",
    "{file} is no TOML: {problem}": "{file} 不是 TOML：{problem}",
    "event {event} tells of {file} what the file does not say": "事件 {event} 对 {file} 的说法与该文件不符",
    "event {event} says that {told} tests before it stand; {kept} do": (
        "事件 {event} 称其之前有 {told} 个测试有效，实为 {kept} 个"
    ),
    "the lines before event {event} are not those of the run that it goes on with": (
        "事件 {event} 之前的各行不是其所接续的运行的记录"
    ),
    "event {event} says of the run before whether it died, and its footer says otherwise": (
        "事件 {event} 对前一次运行是否中途死亡的说法与其结束标记不符"
    ),
    "event {event} names another record than the lines before it and their footer make": (
        "事件 {event} 所指的记录并非其之前各行与结束标记构成的记录"
    ),
    "{file} is not the file that the run was given": "{file} 不是运行时给出的文件",
    "{file} has claims without a name": "{file} 中有没有名称的声明",
    "{file} is no XML: {why}": "{file} 不是 XML：{why}",
    "nothing": "无",
    "{file} is the review of another record": "{file} 是另一份记录的评审",
    "{file} decides on {name}, which is no item to review in this run": (
        "{file} 对 {name} 作了决定，而它不是本次运行的待评审项"
    ),
    "{file} is no JSON": "{file} 不是 JSON",
    "{file} was changed: its signature does not hold": "{file} 被改动：签名不成立",
    "{file} was changed: it is no envelope": "{file} 被改动：不是签名信封",
    "exchange {exchange} (event {seq}) cannot be: {what}": "交互 {exchange}（事件 {seq}）不可能成立：{what}",
    "exchange {exchange} (event {seq}) contradicts the serial bytes: {what}": (
        "交互 {exchange}（事件 {seq}）与串口字节矛盾：{what}"
    ),
    "the command it claims was not sent": "其所称的命令没有发送",
    "more was sent than the command it claims": "实际发送的内容多于其所称的命令",
    "no line of it is the final result it claims": "其中没有一行是其所称的最终结果码",
    "it goes on behind its final result": "最终结果码之后仍有内容",
    "it claims silence, and a code": "既称无应答，又给出错误码",
    "what it calls masked can be read": "称已遮盖的内容仍可读出",
    "a label is not as long as what it stands for": "标记的长度与其所代表的内容不符",
    "its events are those of another exchange, too": "其事件同时属于另一次交互",
    "its number is that of another exchange": "其编号属于另一次交互",
    "its number comes after {number}": "其编号排在 {number} 之后",
    "it is told again after another one": "在另一次交互之后又被重复给出",
    "{file} rendered again in {seconds:.1f} s, the same": "{file} 已重新渲染（{seconds:.1f} s），完全一致",
    "the statement is not what the record gives": "声明与由记录得出的不符",
    "signed by key {key}, not checked against a key of yours (--key)": "由密钥 {key} 签名，未与您的密钥核对（--key）",
    "signed by key {key}, the one given": "由所给密钥 {key} 签名",
    "the times of the files are not that of the run": "文件时间与运行时间不符",
    "{file} was not rendered again: {reason}": "{file} 未重新渲染：{reason}",
    "not a bundle: {file} is missing": "不是证据包：缺少 {file}",
    "bundle schema {schema}; this suite reads up to schema {known}: verify with a newer one": (
        "证据包 schema 为 {schema}；本套件最高支持 schema {known}：请用更新的套件校验"
    ),
    "{file} was changed: it has no schema of a bundle": "{file} 被改动：没有证据包的 schema",
    "the files are not in their order": "文件顺序不对",
    "a file is not packed as in a bundle": "有文件的压缩方式与证据包不符",
    "{file} was changed: it is no JSON object": "{file} 被改动：不是 JSON 对象",
    "the packed files were changed: they are not what the manifest says": "压缩的文件被改动：与清单不符",
    "{file} does not match the files": "{file} 与文件不符",
    "{name!a} is missing from the bundle; {where} names it": "证据包中缺少 {name!a}；{where} 列有该文件",
    "{name} does not belong into the bundle; {where} does not name it": "{name} 不应在证据包中；{where} 未列该文件",
    "the attestation": "签名声明",
    "{file} was changed": "{file} 被改动",
    "the statement says {said}; the record gives {given}": "声明称 {said}；由记录得出 {given}",
    "verified: {facts}": "校验通过：{facts}",
    "does not hold: {why}": "不成立：{why}",
    "{output}: {facts}": "{output}：{facts}",
    "undecided": "未决定",
    "accepted": "接受",
    "rejected": "不接受",
    "nobody named": "未署名",
    "{decided} by {reviewer}": "{decided}，评审人：{reviewer}",
    "firmware {firmware}": "固件 {firmware}",
    "rig {rig}": "台架 {rig}",
    "{count} tests": "{count} 个测试",
    "unsigned": "未签名",
    "{requirement} ({reasons})": "{requirement}（{reasons}）",
    "{name} is missing from the bundle": "证据包中缺少 {name}",
    "{name!a} does not belong into a bundle": "{name!a} 不应在证据包中",
    "{file} was changed: it is no JSON": "{file} 被改动：不是 JSON",
    "the bundle is unsigned, and not signed by key {id}": "证据包未签名，没有密钥 {id} 的签名",
    "the bundle is signed by key {id}, not by the one given, {given}": (
        "证据包由密钥 {id} 签名，而不是所给的密钥 {given}"
    ),
    "{name} is not the file that was attested": "{name} 不是签名声明所指的文件",
    "{file} was changed: {why}": "{file} 被改动：{why}",
    "the statement was changed: it names no subjects": "声明被改动：没有列出对象",
    "no review": "无评审",
    "review {outcome}": "评审：{outcome}",
    "mandated and not made again: {names}": "强制要求中未重新判定的：{names}",
    "exchange {exchange} (event {seq}) points at events {first} to {last}": (
        "交互 {exchange}（事件 {seq}）指向事件 {first} 至 {last}"
    ),
    "event {seq} claims a {packet} packet; its bytes are of another type": (
        "事件 {seq} 称为 {packet} 报文；其字节属于另一类型"
    ),
    "event {seq} claims a {packet} packet where none can be": "事件 {seq} 称为 {packet} 报文，而此处不可能有该报文",
    "event {seq} claims a PUBLISH packet whose bytes say something else": (
        "事件 {seq} 所称的 PUBLISH 报文与其字节不符"
    ),
    "a line it claims did not come": "其所称的某一行没有收到",
    "its final result came before the command was sent": "最终结果码在命令发送之前就已收到",
    "it claims silence, but a final result code came": "称无应答，却收到了最终结果码",
    "an expectation is about event {event}, which is no exchange": "期望所指的事件 {event} 不是交互",
    "the expectation of event {event}": "事件 {event} 的期望",
    "{where} is no object": "{where}不是对象",
    "{where} is of a kind that this suite does not know: {check!a}": "{where}属于本套件未知的类型：{check!a}",
    "{where} ({check}) has a parameter that this suite does not know: {name!a}": (
        "{where}（{check}）含有本套件未知的参数：{name!a}"
    ),
    "{where} ({check}) lacks {name}": "{where}（{check}）缺少 {name}",
    "{where} ({check}) has a {name} that is none: {value!a}": "{where}（{check}）的 {name} 取值不合法：{value!a}",
    "{where} ({check}) is about event {reference}, which does not come before it": (
        "{where}（{check}）所指的事件 {reference} 不在其之前"
    ),
    "the finding of event {event} says {said} for {requirement}; what it rests on ({check}) gives {given}": (
        "事件 {event} 的结论对 {requirement} 判为 {said}；而由其依据（{check}）得出 {given}"
    ),
    "the finding of event {event} judges no requirement of this record's catalogue": (
        "事件 {event} 的结论判定的不是本记录目录中的要求"
    ),
    "{made} of {all} judgements made again from the raw bytes": "{all} 项判定中有 {made} 项由原始字节重新判定",
    "the finding of event {event} judges {requirement} by {names}, which its catalogue does not hold": (
        "事件 {event} 的结论按 {names} 判定 {requirement}，而其目录中没有该裁定"
    ),
    "the finding of event {event} judges {requirement} by {names}, which its catalogue has otherwise": (
        "事件 {event} 的结论按 {names} 判定 {requirement}，而其目录中的该裁定与此不同"
    ),
}
