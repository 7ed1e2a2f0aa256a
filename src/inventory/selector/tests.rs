use proptest::prelude::*;

use super::*;
use crate::inventory::selector::scalar::Scalar;
use crate::inventory::{HostId, InputFile, ReadOptions, read};

fn fleet(text: &str) -> Fleet {
    read(&[InputFile { path: "f.csv".to_owned(), bytes: text.as_bytes().to_vec() }], &ReadOptions::default()).unwrap()
}

fn names(fleet: &Fleet, hosts: &HostSet) -> Vec<String> {
    hosts.iter().map(|host| fleet.name(host).to_owned()).collect()
}

const FLEET: &str = "\
name,product,os_version,cores,memory,critical
a,exchange,5.2,2,8,true
b,web,5.10,4,8,false
c,web,,8,,false
d,,6.0,,16,
";

fn compare(field: FieldId, comparison: Comparison, value: Value) -> Selector {
    Selector::Compare { left: Operand::Field(field), comparison, right: Operand::Constant(value) }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[test]
fn each_condition_picks_its_hosts_and_its_opposite_the_others() {
    let fleet = fleet(FLEET);
    let field = |name: &str| fleet.field(name).unwrap();
    let version = |text: &str| Value::Version(crate::inventory::Version::parse(text).unwrap());
    let sum = |left: &str, right: i64| {
        Operand::Multiply(Box::new(Operand::Field(field(left))), Box::new(Operand::Constant(Value::Integer(right))))
    };
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    let picked = [
        (compare(field("product"), Equal, text("web")), "bc", "a", "d"),
        (compare(field("product"), NotEqual, text("web")), "a", "bc", "d"),
        (compare(field("product"), Equal, text("none")), "", "abc", "d"),
        (compare(field("product"), Less, text("f")), "a", "bc", "d"),
        (compare(field("name"), Equal, text("c")), "c", "abd", ""),
        (compare(field("os_version"), GreaterOrEqual, version("5.10")), "bd", "a", "c"),
        (compare(field("os_version"), NotEqual, version("5.10")), "ad", "b", "c"),
        (compare(field("os_version"), Greater, Value::Integer(5)), "abd", "", "c"),
        (compare(field("os_version"), Equal, text("5.2")), "", "", "abcd"),
        (compare(field("cores"), LessOrEqual, Value::Number(4.5)), "ab", "c", "d"),
        (
            Selector::Compare { left: sum("cores", 2), comparison: Greater, right: Operand::Field(field("memory")) },
            "",
            "ab",
            "cd",
        ),
        (
            Selector::Compare { left: sum("cores", 2), comparison: Less, right: Operand::Constant(Value::Integer(9)) },
            "ab",
            "c",
            "d",
        ),
        (Selector::In { field: field("product"), values: vec![text("web"), text("exchange")] }, "abc", "", "d"),
        (Selector::In { field: field("product"), values: vec![] }, "", "abc", "d"),
        (Selector::In { field: field("product"), values: vec![text("web"), Value::Integer(1)] }, "bc", "", "ad"),
        (Selector::Holds { field: field("product"), text: "web".to_owned() }, "bc", "a", "d"),
        (Selector::Matches { field: field("product"), pattern: "*e*".to_owned() }, "abc", "", "d"),
        (Selector::Matches { field: field("name"), pattern: "[a-b]".to_owned() }, "ab", "cd", ""),
        (Selector::Missing(field("cores")), "d", "abc", ""),
        (Selector::Missing(field("name")), "", "abcd", ""),
        (Selector::True(field("critical")), "a", "bc", "d"),
        (Selector::True(field("cores")), "", "", "abcd"),
        (Selector::Constant(true), "abcd", "", ""),
        (Selector::And(vec![]), "abcd", "", ""),
        (Selector::Or(vec![]), "", "abcd", ""),
        (compare(FieldId(99), Equal, text("x")), "", "", "abcd"),
    ];
    for (selector, yes, no, unknown) in picked {
        assert_eq!(names(&fleet, &selector.select(&fleet)).concat(), yes, "{selector:?}");
        let not = Selector::Not(Box::new(selector.clone()));
        assert_eq!(names(&fleet, &not.select(&fleet)).concat(), no, "{not:?}");
        assert_eq!(names(&fleet, &selector.passed_over(&fleet)).concat(), unknown, "{selector:?}");
        assert_eq!(names(&fleet, &not.passed_over(&fleet)).concat(), unknown, "{not:?}");
    }
}

#[test]
fn unknown_gives_way_where_the_other_part_decides() {
    let fleet = fleet(FLEET);
    let unknown = compare(fleet.field("cores").unwrap(), Comparison::Greater, Value::Integer(0));
    let and = Selector::And(vec![unknown.clone(), Selector::Constant(false)]);
    let or = Selector::Or(vec![unknown, Selector::Constant(true)]);
    assert!(and.passed_over(&fleet).is_empty());
    assert_eq!(or.select(&fleet).len(), 4);
}

/// The obvious evaluator: one host, one part, one of three values at a time.
fn truth(selector: &Selector, fleet: &Fleet, host: HostId) -> Option<bool> {
    let value = |field: FieldId| fleet.value(host, field);
    match selector {
        Selector::Constant(truth) => Some(*truth),
        Selector::Compare { left, comparison, right } => {
            let (left, right) = (worked_out(left, fleet, host)?, worked_out(right, fleet, host)?);
            Scalar::of_value(&left).compare(*comparison, &Scalar::of_value(&right))
        }
        Selector::In { field, values } => {
            let mine = value(*field)?;
            let equals =
                values.iter().map(|value| Scalar::of_value(&mine).compare(Comparison::Equal, &Scalar::of_value(value)));
            equals.fold(Some(false), kleene_or)
        }
        Selector::Holds { field, text } => match value(*field)? {
            Value::List(texts) => Some(texts.contains(text)),
            Value::Text(whole) => Some(whole == *text),
            _ => None,
        },
        Selector::Matches { field, pattern } => {
            let glob = glob::Glob::new(pattern);
            match value(*field)? {
                Value::List(texts) => Some(texts.iter().any(|text| glob.matches(text))),
                _ => Some(glob.matches(&fleet.text(host, *field)?)),
            }
        }
        Selector::Missing(field) => Some(value(*field).is_none()),
        Selector::True(field) => match value(*field)? {
            Value::Bool(truth) => Some(truth),
            _ => None,
        },
        Selector::InGroup(group) => Some(fleet.group_hosts(*group).contains(host)),
        Selector::Set(hosts) => Some(hosts.contains(host)),
        Selector::Not(inner) => truth(inner, fleet, host).map(|truth| !truth),
        Selector::And(parts) => {
            let opposite = parts.iter().map(|part| truth(part, fleet, host).map(|truth| !truth));
            opposite.fold(Some(false), kleene_or).map(|truth| !truth)
        }
        Selector::Or(parts) => parts.iter().map(|part| truth(part, fleet, host)).fold(Some(false), kleene_or),
    }
}

fn kleene_or(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

fn worked_out(operand: &Operand, fleet: &Fleet, host: HostId) -> Option<Value> {
    let both =
        |left: &Operand, right: &Operand| Some((worked_out(left, fleet, host)?, worked_out(right, fleet, host)?));
    let decimal = |value: &Value| match value {
        Value::Integer(number) => Some(*number as f64),
        Value::Number(number) => Some(*number),
        _ => None,
    };
    let work = |left, right, whole: fn(i64, i64) -> Option<i64>, fraction: fn(f64, f64) -> f64| {
        let (left, right) = both(left, right)?;
        if let (Value::Integer(left), Value::Integer(right)) = (&left, &right)
            && let Some(result) = whole(*left, *right)
        {
            return Some(Value::Integer(result));
        }
        Some(fraction(decimal(&left)?, decimal(&right)?)).filter(|result| result.is_finite()).map(Value::Number)
    };
    match operand {
        Operand::Field(field) => fleet.value(host, *field),
        Operand::Constant(value) => Some(value.clone()),
        Operand::Add(left, right) => work(left, right, i64::checked_add, |left, right| left + right),
        Operand::Subtract(left, right) => work(left, right, i64::checked_sub, |left, right| left - right),
        Operand::Multiply(left, right) => work(left, right, i64::checked_mul, |left, right| left * right),
        Operand::Divide(left, right) => work(left, right, |_, _| None, |left, right| left / right),
    }
}

/// A random fleet: few and many distinct values, missing cells, all the types that a table can have.
fn fleets() -> impl Strategy<Value = Fleet> {
    let cell = (0..6_u32, 0..40_i64, any::<bool>(), 0..4_u32, prop::option::weighted(0.9, 0..2_000_i64));
    prop::collection::vec(cell, 1..300).prop_map(|rows| {
        let mut text = "name,few,some,flag,os_version,many\n".to_owned();
        for (host, (few, some, flag, version, many)) in rows.into_iter().enumerate() {
            let few = ["", "a", "b", "ab", "ba", "c"][few as usize];
            let flag = if some == 7 { String::new() } else { flag.to_string() };
            let version = ["", "5.2", "5.10", "6"][version as usize];
            let many = many.map_or(String::new(), |many| many.to_string());
            text += &format!("h{host},{few},{some},{flag},{version},{many}\n");
        }
        fleet(&text)
    })
}

fn constants() -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(vec!["a", "b", "ab", "zz", "h7"]).prop_map(|text| Value::Text(text.to_owned())),
        (-1..45_i64).prop_map(Value::Integer),
        (-10..90_i64).prop_map(|half| Value::Number(half as f64 / 2.0)),
        any::<bool>().prop_map(Value::Bool),
        prop::sample::select(vec!["5.2", "5.2.0", "5.9", "6.0", "7"])
            .prop_map(|text| Value::Version(crate::inventory::Version::parse(text).unwrap())),
    ]
}

fn operands() -> impl Strategy<Value = Operand> {
    let leaf =
        prop_oneof![(0..6_u32).prop_map(|idx| Operand::Field(FieldId(idx))), constants().prop_map(Operand::Constant)];
    leaf.prop_recursive(2, 4, 2, |inner| {
        (inner.clone(), inner, 0..4).prop_map(|(left, right, which)| {
            let (left, right) = (Box::new(left), Box::new(right));
            match which {
                0 => Operand::Add(left, right),
                1 => Operand::Subtract(left, right),
                2 => Operand::Multiply(left, right),
                _ => Operand::Divide(left, right),
            }
        })
    })
}

fn selectors() -> impl Strategy<Value = Selector> {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    let field = || (0..7_u32).prop_map(FieldId);
    let comparison = prop::sample::select(vec![Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual]);
    let pattern = prop::sample::select(vec!["*", "*7", "a*", "?", "[ab]*", "h1?", "*2*"]);
    let leaf = prop_oneof![
        (operands(), comparison, operands()).prop_map(|(left, comparison, right)| Selector::Compare {
            left,
            comparison,
            right
        }),
        (field(), prop::collection::vec(constants(), 0..4)).prop_map(|(field, values)| Selector::In { field, values }),
        (field(), prop::sample::select(vec!["a", "ab"]))
            .prop_map(|(field, text)| Selector::Holds { field, text: text.to_owned() }),
        (field(), pattern).prop_map(|(field, pattern)| Selector::Matches { field, pattern: pattern.to_owned() }),
        field().prop_map(Selector::Missing),
        field().prop_map(Selector::True),
        any::<bool>().prop_map(Selector::Constant),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Selector::Not(Box::new(inner))),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Selector::And),
            prop::collection::vec(inner, 0..4).prop_map(Selector::Or),
        ]
    })
}

proptest! {
    #[test]
    fn columns_at_a_time_is_hosts_one_by_one(fleet in fleets(), selector in selectors()) {
        let (selected, passed_over) = (selector.select(&fleet), selector.passed_over(&fleet));
        for host in fleet.hosts() {
            let truth = truth(&selector, &fleet, host);
            prop_assert_eq!(selected.contains(host), truth == Some(true), "{} {:?}", fleet.name(host), truth);
            prop_assert_eq!(passed_over.contains(host), truth.is_none(), "{} {:?}", fleet.name(host), truth);
        }
    }
}
