use crate::check::entry::{Checker, Origin};
use crate::check::names::Sort;
use crate::source::Span;
use crate::syntax::ast::{self, Name, RefineMember, RolloutMember, StageMember};

/// A stage as a rollout says it: one of its own, or one of a list (`stages three-rings { gate pages }`) with what is said
/// of all of that list.
pub(super) struct SaidStage<'a> {
    pub(super) kind: ast::StageKind,
    pub(super) name: &'a Name,
    pub(super) members: Vec<&'a StageMember>,
    /// Where it is written; of a list of the library, which nobody can mend, where the list is named.
    pub(super) span: Span,
}

impl<'a> SaidStage<'a> {
    fn of(stage: &'a ast::Stage) -> Self {
        SaidStage { kind: stage.kind, name: &stage.name, members: stage.members.iter().collect(), span: stage.span }
    }

    pub(super) fn word(&self) -> &'static str {
        match self.kind {
            ast::StageKind::GuineaPig => "guinea pig",
            ast::StageKind::Wave => "wave",
        }
    }

    /// A place in it; none where that is in a list that nobody can mend.
    pub(super) fn place(&self, span: Span) -> Option<Span> {
        let is_within = self.span.file == span.file && self.span.start <= span.start && span.end <= self.span.end;
        is_within.then_some(span)
    }

    /// The gates that it names.
    pub(super) fn gates(&self) -> impl Iterator<Item = &'a Name> {
        self.members.iter().flat_map(|member| gates_of(member))
    }
}

impl<'a> Checker<'a> {
    /// The stages of a rollout in order. A list that is not known is a problem.
    pub(super) fn said_stages(&mut self, rollout: &'a ast::Rollout) -> Vec<SaidStage<'a>> {
        let mut said = Vec::new();
        for member in &rollout.members {
            match member {
                RolloutMember::Stage(stage) => said.push(SaidStage::of(stage)),
                RolloutMember::Stages { stages, members, span } => {
                    let Some(list) = self.find(Sort::Stages, stages, |names| &names.stages) else { continue };
                    for stage in &list.value.stages {
                        let mut stage = SaidStage::of(stage);
                        stage.members.extend(members);
                        if list.origin == Origin::Library {
                            stage.span = *span;
                        }
                        said.push(stage);
                    }
                }
                _ => {}
            }
        }
        said
    }

    /// Every member of a stage of the program, in whatever rollout, list or refinement, before anything is known to be sound.
    pub(super) fn written_stage_members(&self) -> impl Iterator<Item = &'a StageMember> {
        let rollouts = self.names.rollouts.values().flat_map(|rollout| &rollout.value.members);
        let own = rollouts.flat_map(|member| match member {
            RolloutMember::Stage(stage) => stage.members.as_slice(),
            RolloutMember::Stages { members, .. } => members.as_slice(),
            _ => &[],
        });
        let lists = self.names.stages.values().flat_map(|list| &list.value.stages);
        let refines = self.names.refines.iter().flat_map(|refine| &refine.value.members);
        let refined = refines.filter_map(|member| match member {
            RefineMember::Stage(member) => Some(member),
            RefineMember::Window(_) | RefineMember::Freeze(_) => None,
        });
        own.chain(lists.flat_map(|stage| &stage.members)).chain(refined)
    }
}

/// The gates that a member names.
pub(super) fn gates_of(member: &StageMember) -> &[Name] {
    match member {
        StageMember::Gates(names) => names,
        _ => &[],
    }
}
