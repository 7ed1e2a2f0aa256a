//! What the schema of SARIF 2.1.0 demands of the objects that we write: which members each has, and which it must have.

use serde_json::Value;

/// Panics where a log is none.
pub fn assert_valid(log: &Value) {
    object(log, "a log", &["$schema", "version", "runs"], &["version", "runs"]);
    assert_eq!(log["version"], "2.1.0");
    for run in items(&log["runs"]) {
        object(run, "a run", &["tool", "columnKind", "results"], &["tool"]);
        assert!(run["columnKind"] == "unicodeCodePoints" || run["columnKind"] == "utf16CodeUnits");
        object(&run["tool"], "a tool", &["driver"], &["driver"]);
        let driver = &run["tool"]["driver"];
        object(driver, "a driver", &["name", "version", "rules"], &["name"]);
        for rule in items(&driver["rules"]) {
            object(rule, "a rule", &["id", "shortDescription", "fullDescription", "help", "helpUri"], &["id"]);
            assert!(text(&rule["helpUri"]).split_once(':').is_some_and(|(scheme, _)| scheme == "urn"));
            for name in ["shortDescription", "fullDescription", "help"] {
                object(&rule[name], name, &["text", "markdown"], &["text"]);
                assert_braces(text(&rule[name]["text"]));
            }
        }
        assert_unique(items(&driver["rules"]));
        for result in items(&run["results"]) {
            assert_result(result, items(&driver["rules"]).len());
        }
    }
}

fn assert_result(result: &Value, rules: usize) {
    const MEMBERS: &[&str] =
        &["ruleId", "ruleIndex", "level", "message", "locations", "relatedLocations", "fixes", "properties"];
    object(result, "a result", MEMBERS, &["message"]);
    assert!(["none", "note", "warning", "error"].contains(&text(&result["level"])));
    assert!(result["ruleIndex"].as_u64().unwrap_or(u64::MAX) < rules as u64);
    assert_message(&result["message"]);
    for location in items(&result["locations"]).iter().chain(items(&result["relatedLocations"])) {
        object(location, "a location", &["id", "physicalLocation", "message"], &[]);
        let physical = &location["physicalLocation"];
        object(physical, "a physical location", &["artifactLocation", "region"], &["artifactLocation"]);
        assert_artifact(&physical["artifactLocation"]);
        assert_region(&physical["region"]);
        if let Some(message) = location.get("message") {
            assert_message(message);
        }
    }
    // A set, by the schema.
    assert_unique(items(&result["relatedLocations"]));
    assert_unique(items(&result["fixes"]));
    for fix in items(&result["fixes"]) {
        object(fix, "a fix", &["description", "artifactChanges"], &["artifactChanges"]);
        assert_message(&fix["description"]);
        assert!(!items(&fix["artifactChanges"]).is_empty());
        for change in items(&fix["artifactChanges"]) {
            object(change, "a change", &["artifactLocation", "replacements"], &["artifactLocation", "replacements"]);
            assert_artifact(&change["artifactLocation"]);
            assert!(!items(&change["replacements"]).is_empty());
            for replacement in items(&change["replacements"]) {
                object(replacement, "a replacement", &["deletedRegion", "insertedContent"], &["deletedRegion"]);
                assert_region(&replacement["deletedRegion"]);
                object(&replacement["insertedContent"], "a content", &["text"], &[]);
                text(&replacement["insertedContent"]["text"]);
            }
        }
    }
    if let Some(properties) = result.get("properties") {
        assert!(items(&properties["hosts"]).iter().all(Value::is_string));
    }
}

/// A brace alone would begin or end a placeholder.
fn assert_braces(text: &str) {
    let alone = text.replace("{{", "").replace("}}", "");
    assert!(!alone.contains(['{', '}']), "a brace alone: {text}");
}

/// Words in brackets before a place in brackets would be a link.
fn assert_message(message: &Value) {
    object(message, "a message", &["text"], &["text"]);
    assert_braces(text(&message["text"]));
    assert!(!text(&message["text"]).contains("]("), "a link of others' making: {message}");
}

/// A URI reference has nothing in it but what RFC 3986 allows.
fn assert_artifact(location: &Value) {
    object(location, "an artifact's location", &["uri"], &[]);
    let uri = text(&location["uri"]);
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/%".contains(c);
    assert!(uri.chars().all(is_allowed), "{uri}");
    let is_escape = |rest: &str| rest.as_bytes().iter().take(2).filter(|byte| byte.is_ascii_hexdigit()).count() == 2;
    assert!(uri.split('%').skip(1).all(is_escape), "{uri}");
    let first = uri.split('/').next().unwrap_or("");
    assert!(!first.contains(':') || ["file:", "sunup:"].iter().any(|scheme| uri.starts_with(scheme)), "{uri}");
}

fn assert_region(region: &Value) {
    const MEMBERS: &[&str] = &["startLine", "startColumn", "endLine", "endColumn"];
    object(region, "a region", MEMBERS, MEMBERS);
    let number = |name: &str| region[name].as_u64().unwrap_or(0);
    assert!(MEMBERS.iter().all(|name| number(name) >= 1), "{region}");
    let (start, end) = ((number("startLine"), number("startColumn")), (number("endLine"), number("endColumn")));
    assert!(start <= end, "{region}");
}

fn object(value: &Value, what: &str, members: &[&str], required: &[&str]) {
    let Some(object) = value.as_object() else { panic!("{what} is {value}") };
    for name in object.keys() {
        assert!(members.contains(&name.as_str()), "{what} has no `{name}`");
    }
    for name in required {
        assert!(object.contains_key(*name), "{what} must have `{name}`: {value}");
    }
}

fn assert_unique(items: &[Value]) {
    for (idx, item) in items.iter().enumerate() {
        assert!(!items[..idx].contains(item), "twice: {item}");
    }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a text is {value}"))
}
