use crate::diagnostic::harmless;
use crate::engine::GateSubject;
use crate::model::{Argument, Command, Part, RegionId, SiteId};
use crate::plan::{HostIdx, Plan};

/// Of whom a command or a probe speaks: where the values for its holes come from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    plan: &'a Plan,
    host: Option<HostIdx>,
    site: Option<SiteId>,
    region: Option<RegionId>,
    stage: Option<u32>,
}

impl<'a> Subject<'a> {
    pub fn host(plan: &'a Plan, host: HostIdx) -> Subject<'a> {
        let site = plan.hosts.get(host.0 as usize).map(|host| host.site);
        let stage = plan.hosts.get(host.0 as usize).map(|host| host.stage);
        Subject { plan, host: Some(host), site, region: region_of(plan, site), stage }
    }

    pub fn gate(plan: &'a Plan, subject: GateSubject) -> Subject<'a> {
        match subject {
            GateSubject::Host(host) => Subject::host(plan, host),
            GateSubject::Site { stage, site } => {
                Subject { plan, host: None, site: Some(site), region: region_of(plan, Some(site)), stage: Some(stage) }
            }
            GateSubject::Region { stage, region } => {
                Subject { plan, host: None, site: None, region: Some(region), stage: Some(stage) }
            }
            GateSubject::Batch { stage, turn, lane, .. } => {
                let turn = plan.stages.get(stage as usize).and_then(|stage| stage.turns.get(turn as usize));
                let site = turn.and_then(|turn| turn.lanes.get(lane as usize)?.site);
                Subject { plan, host: None, site, region: turn.map(|turn| turn.region), stage: Some(stage) }
            }
        }
    }

    pub fn host_name(&self) -> Option<&'a str> {
        self.host.and_then(|host| self.plan.hosts.get(host.0 as usize)).map(|host| &*host.name)
    }

    pub fn site_name(&self) -> Option<&'a str> {
        self.site.and_then(|site| self.plan.sites.get(site.0 as usize)).map(|site| site.name.as_str())
    }

    pub fn region_name(&self) -> Option<&'a str> {
        self.region.and_then(|region| self.plan.regions.get(region.0 as usize)).map(|region| region.name.as_str())
    }

    pub fn stage_name(&self) -> Option<&'a str> {
        self.stage.and_then(|stage| self.plan.stages.get(stage as usize)).map(|stage| stage.name.as_str())
    }

    fn package_name(&self) -> Option<&'a str> {
        let host = self.plan.hosts.get(self.host?.0 as usize)?;
        self.plan.packages.get(host.package.0 as usize).map(|package| package.name.as_str())
    }

    /// What the plan wrote down for the host comes first; the names of places it need not write down for each.
    fn value(&self, key: &str) -> Option<&'a str> {
        let written = self.host.and_then(|host| self.plan.value(key, host));
        written.or_else(|| match key {
            "host.name" => self.host_name(),
            "site.name" => self.site_name(),
            "region.name" => self.region_name(),
            "stage.name" => self.stage_name(),
            "package.name" => self.package_name(),
            "rollout.name" => Some(&self.plan.rollout),
            _ => None,
        })
    }

    /// Who it is, for a message.
    fn shown(&self) -> String {
        let name = self.host_name().or(self.site_name()).or(self.region_name()).or(self.stage_name());
        harmless(name.unwrap_or(&self.plan.rollout)).into_owned()
    }
}

/// The arguments with their values in them: as many as the command has, whatever the values are.
///
/// # Errors
/// One line: a value that is missing, one that would become an option, one that no argument can hold.
pub(crate) fn arguments(command: &Command, subject: Subject) -> Result<Vec<String>, String> {
    let arguments: Vec<String> =
        command.arguments.iter().map(|argument| one_argument(argument, subject)).collect::<Result<_, _>>()?;
    if arguments.is_empty() { Err("the command has no program".to_owned()) } else { Ok(arguments) }
}

fn one_argument(argument: &Argument, subject: Subject) -> Result<String, String> {
    let mut whole = String::new();
    for part in &argument.parts {
        match part {
            Part::Text(text) => whole.push_str(text),
            Part::Value(key) => {
                let value = value(key, subject)?;
                if whole.is_empty() && value.starts_with('-') {
                    return Err(format!(
                        "`{}` of `{}` is `{}`, which the program would take for an option",
                        harmless(key),
                        subject.shown(),
                        harmless(value)
                    ));
                }
                whole.push_str(value);
            }
        }
    }
    if whole.contains('\0') { Err("an argument holds a zero byte".to_owned()) } else { Ok(whole) }
}

/// An address: no program sees it, so that nothing in it can be an option.
pub(crate) fn address(argument: &Argument, subject: Subject) -> Result<String, String> {
    argument.parts.iter().map(|part| text_of(part, subject)).collect()
}

/// A URL. A value that is all of it is taken as it is; one that is a part of it can only be that part: what would begin
/// a query, a fragment or another host is escaped.
pub(crate) fn url(argument: &Argument, subject: Subject) -> Result<String, String> {
    if let [part] = argument.parts.as_slice() {
        return text_of(part, subject).map(str::to_owned);
    }
    let mut whole = String::new();
    for part in &argument.parts {
        match part {
            Part::Text(text) => whole.push_str(text),
            Part::Value(key) => value(key, subject)?.bytes().for_each(|byte| push_escaped(&mut whole, byte)),
        }
    }
    Ok(whole)
}

fn push_escaped(url: &mut String, byte: u8) {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' | b'/' | b'[' | b']' => {
            url.push(char::from(byte));
        }
        _ => url.push_str(&format!("%{byte:02X}")),
    }
}

fn text_of<'a>(part: &'a Part, subject: Subject<'a>) -> Result<&'a str, String> {
    match part {
        Part::Text(text) => Ok(text),
        Part::Value(key) => value(key, subject),
    }
}

fn value<'a>(key: &str, subject: Subject<'a>) -> Result<&'a str, String> {
    subject.value(key).ok_or_else(|| format!("`{}` has no `{}`", subject.shown(), harmless(key)))
}

fn region_of(plan: &Plan, site: Option<SiteId>) -> Option<RegionId> {
    plan.sites.get(site?.0 as usize).map(|site| site.region)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::ValueColumn;
    use crate::plan::example::{Example, command};

    const FIRST: HostIdx = HostIdx(0);

    /// One host, whose field `note` has this text.
    fn plan_with(note: &str) -> Plan {
        let mut example = Example::plain(1);
        example.rest();
        let mut plan = example.plan("2007-05-08 12:00Z");
        plan.values.insert("host.note".to_owned(), ValueColumn { texts: vec![note.into()], codes: vec![0] });
        plan
    }

    fn rendered(plan: &Plan, parts: &[&[&str]]) -> Result<Vec<String>, String> {
        arguments(&command(parts), Subject::host(plan, FIRST))
    }

    fn url_of(plan: &Plan, parts: &[&str]) -> Result<String, String> {
        let command = command(&[parts]);
        url(&command.arguments[0], Subject::host(plan, FIRST))
    }

    #[test]
    fn names_of_places_are_known_of_each_subject() {
        let plan = plan_with("x");
        let words: &[&[&str]] =
            &[&["echo"], &["{site.name}", "/", "{region.name}"], &["{stage.name}", "@", "{rollout.name}"]];
        let site = GateSubject::Site { stage: 0, site: SiteId(0) };
        for subject in [Subject::host(&plan, FIRST), Subject::gate(&plan, site)] {
            assert_eq!(arguments(&command(words), subject).unwrap(), ["echo", "here/x", "rest@may"]);
        }
        let batch = GateSubject::Batch { stage: 0, turn: 0, lane: 0, batch: 0 };
        assert_eq!(arguments(&command(&[&["{region.name}"]]), Subject::gate(&plan, batch)).unwrap(), ["x"]);
        let missing = arguments(&command(&[&["{host.name}"]]), Subject::gate(&plan, site)).unwrap_err();
        assert_eq!(missing, "`here` has no `host.name`");
    }

    #[test]
    fn what_is_not_in_the_plan_is_missing_and_no_panic() {
        let plan = plan_with("x");
        for subject in [
            Subject::host(&plan, HostIdx(99)),
            Subject::gate(&plan, GateSubject::Region { stage: 9, region: RegionId(9) }),
            Subject::gate(&plan, GateSubject::Batch { stage: 9, turn: 9, lane: 9, batch: 9 }),
        ] {
            assert_eq!(arguments(&command(&[&["{region.name}"]]), subject).unwrap_err(), "`may` has no `region.name`");
        }
    }

    #[test]
    fn only_what_the_script_wrote_is_an_option() {
        let words: &[&[&str]] = &[&["tool"], &["--note=", "{host.note}"], &["-", "{host.note}"]];
        assert_eq!(rendered(&plan_with("-rf"), words).unwrap(), ["tool", "--note=-rf", "--rf"]);
        for (parts, is_refused) in
            [(&["{host.note}"][..], true), (&["", "{host.note}"], true), (&["./", "{host.note}"], false)]
        {
            assert_eq!(rendered(&plan_with("-rf"), &[&["tool"], parts]).is_err(), is_refused, "{parts:?}");
        }
        // Also where a value before it is empty.
        let mut plan = plan_with("");
        plan.values.insert("host.more".to_owned(), ValueColumn { texts: vec!["-x".into()], codes: vec![0] });
        assert!(rendered(&plan, &[&["tool"], &["{host.note}", "{host.more}"]]).is_err());
    }

    #[test]
    fn a_value_in_a_url_is_a_part_of_it_and_no_more() {
        let url = |note: &str| url_of(&plan_with(note), &["http://web/", "{host.note}", "/ok"]).unwrap();
        assert_eq!(url("ex-01.example"), "http://web/ex-01.example/ok");
        assert_eq!(url("a b?x=1#y&z"), "http://web/a%20b%3Fx%3D1%23y%26z/ok");
        assert_eq!(url("é\r\n%2f"), "http://web/%C3%A9%0D%0A%252f/ok");
        let host = url_of(&plan_with("good@evil"), &["http://", "{host.note}", ":8080"]).unwrap();
        assert_eq!(host, "http://good%40evil:8080");
        // One that is the whole of it is the inventory's own URL.
        assert_eq!(url_of(&plan_with("http://x/?a=b"), &["{host.note}"]).unwrap(), "http://x/?a=b");
    }

    proptest! {
        #[test]
        fn the_number_of_arguments_is_the_commands(note in any::<String>()) {
            let plan = plan_with(&note);
            match rendered(&plan, &[&["tool"], &["{host.note}"], &["a", "{host.note}", "b"]]) {
                Ok(arguments) => {
                    prop_assert_eq!(&arguments, &["tool".to_owned(), note.clone(), format!("a{note}b")]);
                    prop_assert!(!note.starts_with('-') && !note.contains('\0'));
                }
                Err(_) => prop_assert!(note.starts_with('-') || note.contains('\0')),
            }
        }
    }
}
