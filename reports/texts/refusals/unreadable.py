"""Files that cannot be read, written or found, and what was asked for that is not there."""

from __future__ import annotations

UNREADABLE: dict[str, str] = {
    "--output {output}: the name of a file of a run, which it would replace; choose another": (
        "--output {output}：这是运行目录中已有文件的名称，会将其覆盖；请另选名称"
    ),
    "{path}: {why}": "{path}：{why}",
    "{name}: too large for a bundle, which ends at 4 GiB": "{name}：证据包上限为 4 GiB，该文件过大",
    "{path}: missing; make it with: python -m reports rebuild {run_dir}": (
        "{path}：缺失；可生成：python -m reports rebuild {run_dir}"
    ),
    "{run_dir}: not bundled: {why}; if the record is right: python -m reports rebuild {run_dir}": (
        "{run_dir}：未打包：{why}；若记录无误：python -m reports rebuild {run_dir}"
    ),
    "{path}: cannot be read: {why}": "{path}：无法读取：{why}",
    "{path}: no footer: the run died or its record was cut; such a run proves nothing": (
        "{path}：没有结尾行：运行中途终止，或记录被截断；这样的运行不能证明任何结论"
    ),
    "{path}: schema {schema}; this suite knows {known}": "{path}：schema 为 {schema}；本套件支持 {known}",
    "{file}: not as a run writes it: {why}": "{file}：不是运行所写的格式：{why}",
    "{path}: missing, but the run was given one": "{path}：缺失，而运行时曾给出该文件",
    "{path}: missing, but the run earned it": "{path}：缺失，而该运行已取得证书",
    "make one with: openssl genpkey -algorithm ed25519": "可生成密钥：openssl genpkey -algorithm ed25519",
    "{path}: no private key: a PEM or OpenSSH file is needed; {make}": (
        "{path}：不是私钥：需要 PEM 或 OpenSSH 文件；{make}"
    ),
    "{path}: a private key, but no ed25519 key; {make}": "{path}：是私钥，但不是 ed25519 密钥；{make}",
    "{path}: a private key; give the public one: openssl pkey -in KEY -pubout": (
        "{path}：这是私钥；请给出公钥：openssl pkey -in KEY -pubout"
    ),
    "{name}: a public key, but no ed25519 key": "{name}：是公钥，但不是 ed25519 密钥",
    "{path}: too large for a key": "{path}：文件过大，不是密钥",
    "{path}: a private key of a kind that cannot be read here; {make}": "{path}：私钥类型在此无法读取；{make}",
    "{path}: a malformed private key, or not its password; {make}": "{path}：私钥格式错误，或口令不对；{make}",
    "{name}: a malformed public key: a PEM or OpenSSH public key is needed": (
        "{name}：公钥格式错误：需要 PEM 或 OpenSSH 公钥"
    ),
    "{path}: cannot read the key: {why}": "{path}：无法读取密钥：{why}",
    "{path}: the key is encrypted: put its password into {variable}": (
        "{path}：密钥已加密：请将口令写入环境变量 {variable}"
    ),
    "{run_dir}: cannot unpack the bundle: {why}": "{run_dir}：无法解开证据包：{why}",
    "{path}: line 1: 'wall' is no time, but {wall!r}": "{path}：第 1 行：'wall' 不是时间，而是 {wall!r}",
    "{place}: a {kind} event without a proper 'hex'": "{place}：{kind} 事件没有正确的 'hex'",
    "{path}: no run record to read: {why}": "{path}：没有可读取的运行记录：{why}",
    "{path}: not a run record: {kind}: {why}": "{path}：不是运行记录：{kind}：{why}",
    "{path}: cannot be written: {why}": "{path}：无法写入：{why}",
    "{path}: line {line} carries sequence number {seq}, not {number}": (
        "{path}：第 {line} 行的序号是 {seq}，应为 {number}"
    ),
    "{path}: line 1 does not open a run record": "{path}：第 1 行不是运行记录的开头",
    "{path}: record schema {schema}; this suite reads up to schema {known}": (
        "{path}：记录 schema 为 {schema}；本套件最高支持 schema {known}"
    ),
    "{path}: line {line} is a footer, and {count} lines come after it": (
        "{path}：第 {line} 行是结尾行，其后却还有 {count} 行"
    ),
    "{path}: the footer stands for other lines than these: the record was changed after the run": (
        "{path}：结尾行对应的不是这些行：记录在运行之后被改动"
    ),
    "{path}: the run record holds no complete line": "{path}：运行记录没有一行完整内容",
    "{path}: line {line} is no event of a run record": "{path}：第 {line} 行不是运行记录的事件",
    "{path}: line {line}: a {kind} event without a proper {name!r}": (
        "{path}：第 {line} 行：{kind} 事件没有正确的 {name!r}"
    ),
    "{path}: its record holds no catalogue": "{path}：其记录中没有需求目录",
    "{path}: record schema {schema} does not tell what was expected as data": (
        "{path}：记录 schema {schema} 没有以数据形式给出期望"
    ),
    "{path}: record schema {schema} does not tell what was expected as data: nothing of it can be judged anew": (
        "{path}：记录 schema {schema} 没有以数据形式给出期望：无法重新判定其中任何内容"
    ),
    "no {file}: no MQTT packet in this run": "没有 {file}：本次运行没有 MQTT 报文",
    "a process that judges was ended from outside; try fewer with --jobs": (
        "一个判定进程被外部终止；请用 --jobs 减少进程数"
    ),
    "the installed suite": "已安装的套件",
    "{where}: no catalogue: it has no 'requirements'": "{where}：不是目录：没有 'requirements'",
    "no installed suite brings a catalogue: install one (pip install), or name a file with --catalogue": (
        "没有已安装的套件提供目录：请安装一个（pip install），或用 --catalogue 指定文件"
    ),
    "{count} installed suites bring a catalogue: name a file with --catalogue": (
        "有 {count} 个已安装的套件提供目录：请用 --catalogue 指定文件"
    ),
    "--catalogue {path}: no catalogue: a JSON object was expected": (
        "--catalogue {path}：不是目录：应为一个 JSON 对象"
    ),
    "{where}: no catalogue: {why}": "{where}：不是目录：{why}",
    "the catalogue of the installed suite: {why}": "已安装套件的目录：{why}",
    "--catalogue {path}: cannot be read: {why}": "--catalogue {path}：无法读取：{why}",
    "--catalogue {path}: no JSON: {why}": "--catalogue {path}：不是 JSON：{why}",
    "{path}: review schema {schema}; this suite reads schema {known}": (
        "{path}：评审 schema 为 {schema}；本套件支持 schema {known}"
    ),
    "{path}: schema: {known} is expected": "{path}：schema：应为 {known}",
    "{path}: {key} is missing": "{path}：缺少 {key}",
    "{path}: a review of another record, not of the one beside it: remove it, review again": (
        "{path}：这是另一份记录的评审，不属于旁边这份记录：请删除后重新评审"
    ),
    "{path}: {place}: a table (an object of JSON) is expected": "{path}：{place}：应为表（JSON 对象）",
    "{path}: {place}: a text is expected": "{path}：{place}：应为文本",
    "{path}: {place}: accepted or rejected is expected": "{path}：{place}：应为 accepted 或 rejected",
    "{path}: too large for a review": "{path}：文件过大，不是评审",
    "{path}: {place}{key}: unknown; known are {known}": "{path}：{place}{key}：未知；已知的有 {known}",
    "{where}: {what}": "{where}：{what}",
    "{where}: larger than the {most} MiB that a summary may have": "{where}：超过摘要的上限 {most} MiB",
    "{path}: no run directory and no bundle": "{path}：既不是运行目录，也不是证据包",
    "{where}: summary schema {schema}; this suite reads schema {known}": (
        "{where}：摘要 schema 为 {schema}；本套件支持 schema {known}"
    ),
    "{path}: its record is larger than the {most} MiB that one may have": "{path}：其记录超过上限 {most} MiB",
    "{where} cannot be read: {why}": "{where} 无法读取：{why}",
    "{path}: {file} cannot be read: {why}": "{path}：{file} 无法读取：{why}",
    "{path}: no bundle of a run: it holds no {name}": "{path}：不是运行的证据包：其中没有 {name}",
    "{path}: {file}: a line of more than {most} MiB": "{path}：{file}：有一行超过 {most} MiB",
    "{path}: {part!a} names {count} tests: {named}": "{path}：{part!a} 对应 {count} 个测试：{named}",
    "{path}: no test, requirement or event of this run is named {part!a}{perhaps}": (
        "{path}：本次运行没有名为 {part!a} 的测试、要求或事件{perhaps}"
    ),
    ": perhaps {near}": "：是否指 {near}",
    "{path}: no event {number}: the last one is {last}": "{path}：没有事件 {number}：最后一个是 {last}",
    "its items are {names}": "可评审的有 {names}",
    "it has none": "没有可评审的项",
    "--item {given!a}: ID=accepted or ID=rejected is expected, with or without :REMARK": (
        "--item {given!a}：应为 ID=accepted 或 ID=rejected，后面可带 :REMARK"
    ),
    "{path}: a .toml or .json file is expected": "{path}：应为 .toml 或 .json 文件",
    "review: nothing to record: give --reviewer, --decision, --remark, --item or --from, or --show": (
        "review：没有可记录的内容：请给出 --reviewer、--decision、--remark、--item 或 --from，或使用 --show"
    ),
    "{source}: {name!a} is no item to review in this run; {items}": (
        "{source}：{name!a} 不是本次运行的待评审项；{items}"
    ),
    "{site}: the site needs a directory of its own, and this is none": "{site}：站点需要单独的目录，而这不是目录",
    "{site}: holds other files than a site's; name an empty or a new directory by --output": (
        "{site}：其中有不属于站点的文件；请用 --output 指定空目录或新目录"
    ),
    "{site}: cannot write the site: {why}": "{site}：无法写入站点：{why}",
    "{directory}: no run directory and no bundle in it": "{directory}：其中没有运行目录，也没有证据包",
    "{directory}: cannot be listed: {why}": "{directory}：无法列出内容：{why}",
    "{path}: the run record is already closed": "{path}：运行记录已经关闭",
    "{path}: cannot make the run record: {why}": "{path}：无法创建运行记录：{why}",
    "{path}: the run record has its footer already": "{path}：运行记录已有结尾行",
    "{path}: cannot write the run record: {why}": "{path}：无法写入运行记录：{why}",
}
