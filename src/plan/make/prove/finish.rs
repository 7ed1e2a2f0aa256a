use chrono::{NaiveTime, Timelike};

use crate::diagnostic::{Code, Problem, Problems};
use crate::model::{Finish, Stage};
use crate::plan::HostIdx;
use crate::plan::make::Maker;
use crate::plan::make::prove::freezes::region_windows;
use crate::source::Span;
use crate::time::Window;

/// A time before which a stage must have ended, and that comes only when the windows have closed: it bounds nothing. Most
/// likely it was meant for the evening before, or for another window.
pub(in crate::plan::make) fn prove(maker: &Maker, picked: &[Vec<HostIdx>], problems: &mut Problems) {
    for (stage, taken) in maker.rollout.stages.iter().zip(picked) {
        let (Some(Finish::Time(time)), Some(span)) = (stage.finish_before, stage.finish_span) else { continue };
        problems.extend(bounds_nothing(maker, stage, taken, time, span));
    }
}

fn bounds_nothing(maker: &Maker, stage: &Stage, taken: &[HostIdx], time: NaiveTime, span: Span) -> Option<Problem> {
    let mut sites: Vec<u32> = taken.iter().map(|host| maker.targets.site(*host).0).collect();
    sites.sort_unstable();
    sites.dedup();
    let mut windows: Vec<(Span, &Window)> = Vec::new();
    for site in sites.iter().filter_map(|site| maker.model.sites.get(*site as usize)) {
        let region = maker.model.regions.get(site.region.0 as usize)?;
        if site.schedule.windows.is_empty() {
            return None;
        }
        for (span, window) in region_windows(region, &site.schedule).into_iter().zip(&site.schedule.windows) {
            if !windows.iter().any(|(known, _)| *known == span) {
                windows.push((span, window));
            }
        }
    }
    if windows.is_empty() || windows.iter().any(|(_, window)| is_sensible(time, window)) {
        return None;
    }
    let clock = time.format("%H:%M");
    let closes = windows.iter().map(|(_, window)| window.closes).min()?;
    let message = match windows.as_slice() {
        [_] => format!("`finish before {clock}` bounds nothing: the window of `{}` is not open then", stage.name),
        _ => format!("`finish before {clock}` bounds nothing: no window of `{}` is open then", stage.name),
    };
    let mut problem = Problem::warning(Code::MEMBERS_CLASH, message)
        .label(span, "the first of these after a window opens comes when it has closed");
    for (span, window) in windows.iter().take(MOST_LABELS) {
        problem = problem.label(*span, format!("closes at {}", window.closes.format("%H:%M")));
    }
    Some(
        problem.help(format!(
            "say a time before {}, at which the window is open; or leave it out",
            closes.format("%H:%M")
        )),
    )
}

/// Whether such a time comes while the window is open, or in the hours after it: there it bounds nothing either, and does no
/// harm. Shortly before the window opens it was meant for another day.
fn is_sensible(time: NaiveTime, window: &Window) -> bool {
    const DAY: u32 = 24 * 60 * 60;
    let from_to = |from: NaiveTime, to: NaiveTime| {
        (to.num_seconds_from_midnight() + DAY - from.num_seconds_from_midnight()) % DAY
    };
    let is_open_all_day = window.opens == window.closes;
    let is_open = from_to(window.opens, time) < from_to(window.opens, window.closes);
    is_open_all_day || (is_open && time != window.opens) || from_to(window.closes, time) <= from_to(time, window.opens)
}

/// More places of one cause would say no more.
const MOST_LABELS: usize = 4;
