//! Inputs that can be made as long as one likes: what made something slow once, and what could.

/// A piece of an input. `§` in it is the number of the repetition, `§+` the one after.
#[derive(Debug, Clone)]
pub enum Piece {
    Once(String),
    Many(String),
}

/// An input of any length: its repeated pieces share the length equally.
#[derive(Debug, Clone)]
pub struct Shape {
    pub target: &'static str,
    pub pieces: Vec<Piece>,
    /// A few bytes may ask for much here, and what they may ask for has a limit of its own.
    pub is_capped: bool,
}

impl Shape {
    /// About so many bytes of it.
    pub fn text(&self, length: usize) -> String {
        let repeated = self.pieces.iter().filter(|piece| matches!(piece, Piece::Many(_))).count();
        let mut text = String::with_capacity(length + 64);
        for piece in &self.pieces {
            match piece {
                Piece::Once(piece) => text.push_str(piece),
                Piece::Many(piece) => {
                    let (start, share) = (text.len(), length / repeated.max(1));
                    for number in 0.. {
                        if text.len() - start >= share {
                            break;
                        }
                        push(&mut text, piece, number);
                    }
                }
            }
        }
        text
    }
}

fn push(text: &mut String, piece: &str, number: usize) {
    for (idx, part) in piece.split('§').enumerate() {
        match (idx, part.strip_prefix('+')) {
            (0, _) => text.push_str(part),
            (_, Some(rest)) => text.extend([(number + 1).to_string().as_str(), rest]),
            (_, None) => text.extend([number.to_string().as_str(), part]),
        }
    }
}

/// Of a line of the table: pieces between `|`, those in `<…>` repeated. `\n`, `\r` and `\t` are written so. A `!` begins
/// those whose work has a limit of its own.
fn shape(target: &'static str, line: &str) -> Shape {
    let (line, is_capped) = line.strip_prefix('!').map_or((line, false), |line| (line, true));
    let plain = |text: &str| text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t");
    let piece = |text: &str| match text.strip_prefix('<').and_then(|text| text.strip_suffix('>')) {
        Some(repeated) => Piece::Many(plain(repeated)),
        None => Piece::Once(plain(text)),
    };
    Shape { target, pieces: line.split('|').map(piece).collect(), is_capped }
}

/// Every shape that is known. What is hard to read may be hard to format.
pub fn shapes() -> Vec<Shape> {
    let of = |target, lines: &[&str]| lines.iter().map(|line| shape(target, line)).collect::<Vec<_>>();
    let scripts = TABLE.iter().filter(|(target, _)| *target == "parser").flat_map(|(_, lines)| of("formatter", lines));
    TABLE.iter().flat_map(|(target, lines)| of(target, lines)).chain(scripts).collect()
}

/// For each target each of its words again and again, alone and within what it often stands in.
pub fn words_in_frames(target: &'static str, words: &[&str]) -> Vec<Shape> {
    let frames = FRAMES.iter().find(|(name, _)| *name == target).map_or(&[][..], |(_, frames)| *frames);
    let framed = |word: &str| {
        let of = |frame: &&str| {
            let pieces = shape(target, frame).pieces.into_iter().map(|piece| match piece {
                Piece::Many(text) => Piece::Many(text.replace('@', word)),
                once => once,
            });
            Shape { target, pieces: pieces.collect(), is_capped: false }
        };
        frames.iter().map(of).collect::<Vec<_>>()
    };
    words.iter().flat_map(|word| framed(word)).collect()
}

type Table = &'static [(&'static str, &'static [&'static str])];

/// `@` is the word.
const FRAMES: Table = &[
    (
        "parser",
        &[
            "<@>",
            "<@ >",
            "<@\\n>",
            "let x = |<@ >",
            "let x = \"|<@>",
            "let x = \"{|<@ >",
            "rollout a { wave b {\\n|<@ >",
            "rollout a { wave b {\\n|<  @\\n>",
            "rollout a {\\n|<@ x {\\n>",
            "<@ x {}\\n>",
        ],
    ),
    ("csv", &["<@>", "name|<@>", "name,a\\n|<h§,@\\n>", "name,a\\nh,\"|<@>"]),
    (
        "json",
        &[
            "<@>",
            "[|<@,>|]",
            "[{\"name\":\"a\",\"b\":[|<@,>|1]}]",
            "[{\"name\":\"a\"|<,\"b§\":@>|}]",
            "[|<{\"name\":@},>",
        ],
    ),
    (
        "ansible_yaml",
        &[
            "<@>",
            "<@\\n>",
            "all:\\n  hosts:\\n|<    h§: @\\n>",
            "all:\\n  hosts:\\n    a: {b: [|<@,>",
            "<- @\\n>",
            "all: {vars: {|<v§: @, >",
        ],
    ),
    (
        "ansible_ini",
        &[
            "<@>",
            "<@\\n>",
            "a |<@>",
            "a |<v§=@ >",
            "[all:vars]\\n|<v§=@\\n>",
            "a v=\"|<@>|\"",
            "[all:vars]\\nv=[|<@,>|]",
        ],
    ),
    (
        "calendar",
        &[
            "<@>",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART:20070508\\n|<@\\n>|\\nEND:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART:20070508\\nRRULE:FREQ=DAILY;COUNT=2|<@>|\\nEND:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART;TZID=|<@>|:20070508T000000\\nDTEND:20070509T000000Z\\nEND:VEVENT\\nEND:VCALENDAR\\n",
        ],
    ),
];

const TABLE: Table = &[
    (
        "parser",
        &[
            // Blocks, closed and not.
            "<rollout a { wave b {\\n>",
            "<rollout a§ { wave b { soak 1h } }\\n>",
            "rollout a {\\n|<wave b§ { hosts a == \"b\"  soak 1h  gate c }\\n>|}\\n",
            "rollout a {\\n|<wave b§ { soak >",
            "stages a {\\n|<guinea-pig b§ { soak 1h }\\n>|}\\n",
            "policy a {\\n|<require batch at most 25% of site\\n>|}\\n",
            "policy a {\\n|<forbid window fri 12:00..sun\\n>|}\\n",
            "refine a in region |<b§, >|c { soak 1h }\\n",
            "refine a in region b {\\n|<window tue..wed 23:00-03:00 except c\\n>|}\\n",
            "workaround a {\\n|<install \"a {host.name}\"\\n>|}\\n",
            "rollout a {\\n|<always service b kept and c started or more than 2% failed in region\\n>|}\\n",
            "rollout a {\\n always |<a started and >|b passed\\n}\\n",
            "rollout a { wave b { order by |<a§ first \"x\" then \"y\", >|c } }\\n",
            "rollout a { wave b { order by a first \"x\" |<then \"y§\" >|} }\\n",
            // Expressions.
            "let x = |<a == 1 or >|b\\n",
            "let x = |<a and b or not c and >|b\\n",
            "let x = [|<a§, >|b]\\n",
            "let x = [|<\"a\", >",
            "let x = \"|<{a} >|\"\\n",
            "let x = |<f(>",
            "let x = |<f(a), >",
            "let x = (|<(a) and >|(b))\\n",
            "let x = (|<\\n>|",
            "let x = a|<.b>",
            "let x = |<- >|1",
            "let x = |<not >|y",
            "let x = |<any(>",
            "let x = |<any(a in b where c == >",
            "<let x§ = 1\\n>",
            "let x = |<1>",
            "let x = |<1:>",
            "let x = |<1.>",
            "let x = |<1h>",
            "let x = |<2007-05-08 >",
            "let x = 2007-05-08|< >",
            "let x = 2007-05-08 17:00|< >",
            "let |<a>| = 1",
            "let |<a->| = 1",
            // Comments and blanks.
            "<# a\\n>",
            "<## a\\n>|let x = 1",
            "<## a\\nlet x§ = 1\\n>",
            "let x = 1|<\\n>|+ 1",
            "let x = |<# a\\n>|1",
            "rollout a { |<# a\\n>",
            "< >",
            "<\\n>",
            // What is wrong.
            "<zzzz\\n>",
            "<zzzz { >",
            "<zzzz { a }\\n>",
            "zzzz |<a >",
            "zzzz |<\"a\" >",
            "zzzz |<\"{>",
            "zzzz |<(\\n>",
            "zzzz |<,\\n>",
            "rollout a {\\n|<soka 1h\\n>|}\\n",
            "rollout a { wave b {\\n|<soak 1\\n>|}}\\n",
            "rollout a { wave b {\\n soak |<a >|}}\\n",
            "rollout a { wave b { gate |<a >|}}\\n",
            "rollout a { wave b { gate |<a\\n>|}}\\n",
            "rollout a { wave b { gate |<a§, >|}}\\n",
            "rollout a { wave b { batch 5 of |<site >|}}\\n",
            "<rollout a\\n>",
            "<gate a per\\n>",
            "team a { members |<\"a\", >|}\\n",
            "team a { members |<\"a\" >|}\\n",
            "team a { members |<\"a\\n>|}\\n",
            "service a { keep at least 1 up per |<a§, >|b }\\n",
            "runbook a { step b { run \"a\" |<undo \"a\" >|}}\\n",
            "inventory |<\"a\", >|\"b\"\\n",
            "inventory \"a\" { |<a§ = \"b\" >|}\\n",
            "calendar a { days |<2007-05-08..2007-05-09, >|fri..sun }\\n",
            "<\\u{feff}>",
            "<é>",
            "<\"{\">",
            "<\"\\\\>",
            "<}>",
            "<} >",
            "<)\\n>",
        ],
    ),
    (
        "csv",
        &[
            "name|<,c§>|\\nh\\n",
            "name|<,c>|\\nh\\n",
            "name,a\\n|<h§,b\\n>",
            "name,a\\n|<h§,b§\\n>",
            "name,a\\n|<h§,1.§.3\\n>",
            "name,a\\n|<h§,§.5\\n>",
            "name,a\\n|<h§,\"a\"\"§\"\\n>",
            "name,a\\n|<h,b\\n>",
            "name,a\\n|<h,b§\\n>",
            "name,a\\n|<-§,b\\n>",
            "name,a\\n|<h§\\n>",
            "name,a\\n|<h§,b,c\\n>",
            "name,a\\nh,\"|<a>",
            "name,a\\nh,\"|<\"\">",
            "name,a\\nh,\"|<\\n>|\"\\n",
            "name,a\\n|<\"h§\",\"\"x\\n>",
            "name,a\\n|<\\n>",
            "name,|<a>|\\nh,b\\n",
            "name,|,|<\\n h§,a>|",
            "<,>",
            "<\\r>",
            "name,a\\n|<h§,x;y;z;§\\n>",
            "!name|<,c§>|\\n|<h§\\n>",
            "c|<,c§>|\\n|<h§\\n>",
        ],
    ),
    (
        "json",
        &[
            "[|<{\"name\":\"h§\",\"a\":1},>|{\"name\":\"b\"}]",
            "[|<{\"name\":\"h§\",\"a\":\"§\"},>|{\"name\":\"b\"}]",
            "[|<{\"name\":\"h§\",\"a\":§.5},>|{\"name\":\"b\"}]",
            "[|<{\"name\":\"h§\",\"a\":[\"x§\",\"y\"]},>|{\"name\":\"b\"}]",
            "[|<{\"a\":\"h§\"},>|{\"name\":\"b\"}]",
            "[|<{\"a§\":1},>|{\"name\":\"b\"}]",
            "[{\"name\":\"h\"|<,\"a§\":1>|}]",
            "[{\"name\":\"h\"|<,\"a\":1>|}]",
            "[{\"name\":\"h\"|<,\"a§\":{}>|}]",
            "[{\"name\":\"h\"|<,\"a§\":{\"b§\":1}>|}]",
            "[{\"name\":\"h\",\"|<a>|\":{\"x\":1|<,\"b§\":1>|}}]",
            "[{\"name\":\"h\",\"a\":[1|<,\"b§\">|]}]",
            "[{\"name\":\"h\",\"a\":\"|<b>|\"}]",
            "[{\"name\":\"h\",\"a\":\"|<\\\\u0041>|\"}]",
            "[{\"name\":\"h\",\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":[1|<,{\"b\":1}>|]}}}}}}}}}}}]",
            "[|<{\"name\":\"h\"},>|{\"name\":\"b\"}]",
            "[|<{\"name\":\"h\",\"a\":§},>|{\"name\":\"b\"}]",
            "[|<{\"name\":\"-§\"},>|{\"name\":\"b\"}]",
            "[{\"name\":\"a\"|<,\"b§\":1>|},|<{\"name\":\"a\"},>|{\"name\":\"b\"}]",
            "[{\"name\":\"a\"|<,\"b§\":1>|},|<{\"name\":\"h§\"},>|{\"name\":\"b\"}]",
            "<[>",
            "<{\"a\":>",
            "[{\"name\":\"a\",\"b\":|<1>|}]",
            // As Ansible writes it.
            "{\"_meta\":{\"hostvars\":{|<\"h§\":{\"a\":1},>|\"b\":{}}},\"all\":{\"hosts\":[|<\"h§\",>|\"b\"]}}",
            "{|<\"g§\":{\"children\":[\"g§+\"]},>|\"x\":{\"hosts\":[\"a\"]}}",
            "{|<\"g§\":{\"hosts\":[\"a\"]},>|\"x\":{\"hosts\":[\"a\"]}}",
            "{|<\"g§\":[\"h§\"],>|\"x\":{\"hosts\":[\"a\"]}}",
            "{\"x\":{\"hosts\":[|<\"a\",>|\"a\"]}}",
            "{\"x\":{\"hosts\":[\"a\"],\"vars\":{\"a\":1|<,\"b§\":1>|}}}",
            "{\"x\":{\"hosts\":[\"a\"],\"vars\":{\"a\":1|<,\"b\":1>|}}}",
            "{\"x\":[\"a\"]|<,\"x\":[\"a§\"]>|}",
            "{|<\"a§\":1,>|\"b\":[{}]}",
            "{\"a\":1|<,\"b§\":1>|}",
            "{\"x\":[|<\"-§\",>|\"a\"]}",
        ],
    ),
    (
        "ansible_yaml",
        &[
            "all:\\n  hosts:\\n|<    h§:\\n>",
            "all:\\n  hosts:\\n|<    h§: {a: 1, b: x§}\\n>",
            "all:\\n  hosts:\\n|<    h:\\n>",
            "all:\\n  hosts:\\n    h:\\n|<      v§: 1\\n>",
            "all:\\n  hosts:\\n    h:\\n|<      v: 1\\n>",
            "all:\\n  hosts:\\n    h: {|<v§: 1, >|}\\n",
            "all:\\n  hosts:\\n    h: {a: [|<x§, >|]}\\n",
            "all:\\n  vars:\\n|<    v§: 1\\n>|  hosts: {a: }\\n",
            "all:\\n  hosts: {a: }\\n  children:\\n|<    g§:\\n>",
            "<g§: {children: {g§+: }}\\n>|x: {hosts: {a: }}\\n",
            "<g§: {hosts: {a: }}\\n>",
            "<g§: {hosts: {h§: }}\\n>",
            "!<g§: {children: {hub: }}\\n>|hub: {children: {|<c§: , >|}}\\n|<c§: {hosts: {h§: }}\\n>",
            "all: {hosts: {x: {a: &a |<[&b§ >",
            "!x: &a \"|<a>|\"\\nall: {hosts: {h: {l: [|<*a, >|]}}}\\n",
            "x: &a \"\\\\n|<a>|\"\\nall: {hosts: {h: {l: [|<*a, >|]}}}\\n",
            "!x: &a {|<v§: 1, >|}\\nall:\\n  hosts:\\n|<    h§: *a\\n>",
            "x: &a {b: 1}\\nall:\\n  hosts:\\n|<    h§: {<<: *a}\\n>",
            "x: &a {b: 1}\\nall: {hosts: {h: {<<: [|<*a, >|]}}}\\n",
            "x: &a {b: 1}\\nall: {hosts: {h: {|<<<: *a, >|}}}\\n",
            "<x§: &a§ 1\\n>|<y§: *a§\\n>",
            "<v§: 1\\n>",
            "<v: 1\\n>",
            "<? >",
            "<- >",
            "<-\\n>",
            "<a: >",
            "<a:\\n >",
            "<[>",
            "<{>",
            "<]>",
            "<#\\n>",
            "<# a\\n>|all: {hosts: {a: }}",
            "<\\n>|all: {hosts: {a: }}",
            "< >|all: {hosts: {a: }}",
            "<---\\n>",
            "<%A\\n>",
            "a: |< x\\n>",
            "a: |<x\\n>",
            "a: \\|\\n|<  x\\n>",
            "a: \\|\\n|<\\n>|  x\\n",
            "a: >\\n|<  x\\n\\n>",
            "a: \"|<x\\n>|\"",
            "a: \"|<\\\\x41>|\"",
            "a: \"|<\\n>|\"",
            "a: '|<''>|'",
            "a: |<x >",
            "a: x|< >|y",
            "a: !|<x>| y",
            "a: &|<x>| y",
            "|<x>|: y",
            "all: {hosts: {|<a>|[1:3]: }}\\n",
            "all: {hosts: {|<a[1:3]: , >|}}\\n",
        ],
    ),
    (
        "ansible_ini",
        &[
            "<h§\\n>",
            "<h§ a=1 b=x§\\n>",
            "<h\\n>",
            "<h a=§\\n>",
            "<h a§=1\\n>",
            "h |<a§=1 >",
            "h |<a=1 >",
            "[all:vars]\\n|<a§=1\\n>|[x]\\nh\\n",
            "[all:vars]\\n|<a=1\\n>|[x]\\nh\\n",
            "[all:vars]\\n|<a§=1\\n>|<z=1\\n>",
            "h a=\"[|<None, >|]\"",
            "h a=\"[|<1, >|]\"",
            "h a=\"|<1,>|\"",
            "h a=\"{|<§, >|}\"",
            "h a=\"{|<§:1, >|}\"",
            "h a=\"{|<1:1, >|}\"",
            "[all:vars]\\na=|<'b' >",
            "[all:vars]\\na='|<\\\\x41>|'",
            "[all:vars]\\na=|<(>",
            "[all:vars]\\n|<a=[[[[[[[[\\n>",
            "[all:vars]\\na=|<9>",
            "[all:vars]\\na=0x|<9>",
            "[all:vars]\\na=1e|<9>",
            "[all:vars]\\na=|<1_>",
            "[all:vars]\\na=|<-->",
            "[all:vars]\\na=|<b>",
            "<[g§]\\nh\\n>",
            "<[g§]\\nh§\\n>",
            "<[g]\\n>",
            "<[g§:children]\\ng§+\\n>|[x]\\nh\\n",
            "<[g§+:children]\\ng§\\n>|[x]\\nh\\n",
            "<[g§]\\n>|[all:children]\\n|<g§\\n>",
            "!<[p§]\\n>|[hub]\\n[c]\\n|<[p§:children]\\nhub\\n>|[hub:children]\\n|<c§\\n>|<[c§]\\nh§\\n>",
            "[a:children]\\n|<x§\\n>|<[g§]\\n>|[a]\\nh\\n",
            "[a:children]\\n|<x>|\\n|<[g§]\\n>|[a]\\nh\\n",
            "<[x§:vars]\\n>|<[g§]\\n>|[a]\\nh\\n",
            "<a b\\n>",
            "<[x:vras]\\n>",
            "<h[3:1]\\n>",
            "<h[1:2]\\n>",
            "<h§[1:9]\\n>",
            "<a>|[1:3]\\n",
            "h[|<1>|:3]\\n",
            "<h[1:3]>|\\n",
            "<[>|\\n",
            "<:>|\\n",
            "h:|<1>|\\n",
            "<a.>|\\n",
            "!h[1:9] a=|<b>|\\n",
            "!h[1:500] |<a§=1 >|\\n",
            "!h[1:1000000] |<a§=1 >|\\n",
            "![all:vars]\\n|<a§=1\\n>|[x]\\nh[1:1000000]\\n",
            "h #|<a>|\\n",
            "h a='|<b>|'\\n",
            "h a='|<b>|\\n",
            "h |<\\\\a>|\\n",
            "[|<a>|]\\nh\\n",
            "[|<a >|]\\nh\\n",
            "<\\r>|h",
            "<\\u{2028}>|h",
        ],
    ),
    (
        "calendar",
        &[
            "BEGIN:VCALENDAR\\n|<BEGIN:VEVENT\\nDTSTART:20070508\\nEND:VEVENT\\n>|END:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\n|<BEGIN:VEVENT\\nUID:a\\nDTSTART:20070508\\nEND:VEVENT\\n>|<BEGIN:VEVENT\\nUID:a\\nRECURRENCE-ID:20070508\\nDTSTART:20070508\\nEND:VEVENT\\n>|END:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\n|<BEGIN:VEVENT\\nUID:a§\\nDTSTART:20070508\\nEND:VEVENT\\n>|<BEGIN:VEVENT\\nUID:a§\\nRECURRENCE-ID:20070508\\nDTSTART:20070508\\nEND:VEVENT\\n>|END:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART:20070508\\n|<EXDATE:20070508\\n>|END:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART;TZID=Europe/Berlin:20070508T000000\\n|<EXDATE;TZID=Asia/Tokyo:20070508T000000\\n>|END:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART;TZID=Europe/Berlin:20070508T000000\\n|<EXDATE;TZID=Tokyo Standard Time:20070508T000000\\n>|END:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART:20070508\\nEXDATE:|<20070508,>|20070508\\nEND:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART:20070508\\nRDATE:|<20070508,>|20070508\\nEND:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART:20070508\\n|<RRULE:FREQ=YEARLY;COUNT=2\\n>|END:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART:20070508\\nRRULE:FREQ=YEARLY;COUNT=2;BYMONTH=|<1,>|2\\nEND:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART:20070508\\nRRULE:FREQ=YEARLY;COUNT=2;BYDAY=|<MO,>|TU\\nEND:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART:20070508\\nRRULE:FREQ=YEARLY;COUNT=2;BYYEARDAY=|<1,>|2\\nEND:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART:20070508\\nRRULE:FREQ=YEARLY;COUNT=2;BYHOUR=|<1,>|2\\nEND:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART:20070508\\nRRULE:FREQ=DAILY;BYSETPOS=|<1,>|2;BYHOUR=1\\nEND:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART:20070508\\nSUMMARY:|<\\n a>|\\nEND:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART:|<\\n 1>|\\nEND:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART|<;A=B>|:20070508\\nEND:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART;A=|<B,>|C:20070508\\nEND:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART;A=\"|<B>|\":20070508\\nEND:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART;A=\"|<B>|:20070508\\nEND:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART;TZID=|</>|:20070508T000000\\nDTEND:20070508T000000Z\\nEND:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART;TZID=|<a/>|Europe/Berlin:20070508T000000\\nDTEND:20070508T000000Z\\nEND:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART:20070508\\n|<DTSTART:20070508\\n>|END:VEVENT\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART:20070508\\nDURATION:P|<9>|D\\nEND:VEVENT\\nEND:VCALENDAR\\n",
            "<BEGIN:VCALENDAR\\n>",
            "<\\n>|BEGIN:VCALENDAR\\nEND:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\n|<X:a\\n>|END:VCALENDAR\\n",
            "BEGIN:VCALENDAR\\n|<X;>|END:VCALENDAR\\n",
        ],
    ),
];
