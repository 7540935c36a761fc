//! What an authority writes down, so that its successor counts on.

use serde::{Deserialize, Serialize};

use super::{Ask, Authority, Counter};
use crate::limits::{Gcra, Quota};

/// One counter of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    subject: Option<String>,
    /// Both quotas of the authority: its units are theirs.
    quotas: (Quota, Quota),
    state: Gcra,
}

impl Kept {
    /// What to keep it under: one name per counter of the tenant.
    #[must_use]
    pub fn name(&self) -> String {
        self.subject.as_deref().map_or_else(|| "tenant".to_owned(), |subject| format!("subject/{subject}"))
    }
}

impl Authority {
    /// The counters that answering `ask` has changed.
    #[must_use]
    pub fn kept(&self, ask: &Ask) -> Vec<Kept> {
        let Some(quotas) = self.quotas else { return Vec::new() };
        let subject = ask.subject.as_ref().filter(|_| ask.of_subject.is_some());
        let subject = subject.and_then(|subject| Some((Some(subject.clone()), self.subjects.get(subject)?.state)));
        let tenant = ask.of_tenant.map(|_| (None, self.tenant.state));
        subject.into_iter().chain(tenant).map(|(subject, state)| Kept { subject, quotas, state }).collect()
    }

    /// Takes in a counter of a predecessor. False if it tells nothing any more: its whole quota is there again, or another plan counts.
    pub fn restore(&mut self, kept: Kept, now: i64) -> bool {
        let (per_tenant, per_subject) = kept.quotas;
        let quota = if kept.subject.is_some() { per_subject } else { per_tenant };
        if kept.state.is_idle(quota, now) || self.quotas.is_some_and(|quotas| quotas != kept.quotas) {
            return false;
        }
        self.quotas = Some(kept.quotas);
        match kept.subject {
            Some(subject) => {
                self.subjects.insert(subject, Counter { state: kept.state, held: Vec::new() });
            }
            None => self.tenant.state = kept.state,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_successor_counts_on_where_its_predecessor_stopped() {
        let quota = Quota::per_minute(10);
        let ask = Ask {
            tenant: "tnt_01920000000070008000000000000001".parse().unwrap(),
            subject: Some("mem".to_owned()),
            per_tenant: Quota::per_minute(1_000),
            per_subject: quota,
            edge: 1,
            of_tenant: Some(0),
            of_subject: Some(0),
        };
        let mut first = Authority::default();
        let granted: u32 = (0..6).map(|_| first.grant(&ask, 0).subject.unwrap().batch).sum();
        let kept = serde_json::to_string(&first.kept(&ask)).unwrap();
        let mut second = Authority::default();
        for kept in serde_json::from_str::<Vec<Kept>>(&kept).unwrap() {
            assert!(second.restore(kept, 1));
        }
        let more: u32 = (0..20).map(|_| second.grant(&ask, 1).subject.unwrap().batch).sum();
        assert_eq!(granted + more, 10);
        let mut idle = Authority::default();
        assert!(second.kept(&ask).into_iter().all(|kept| !idle.restore(kept, 10 * 60_000)));
    }
}
