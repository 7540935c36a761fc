//! The scripted attacks, read from `attacks.sql`, which says how they are written.

const FILE: &str = include_str!("attacks.sql");

pub(super) struct Attack {
    pub(super) group: &'static str,
    pub(super) name: &'static str,
    pub(super) statements: Vec<String>,
    /// Runs against the victim and against nobody; both must be told the same.
    pub(super) is_oracle: bool,
    /// Is never committed.
    pub(super) is_rolled_back: bool,
    /// The SQLSTATE that the first statement must fail with.
    pub(super) refused_with: Option<&'static str>,
}

pub(super) fn read() -> Vec<Attack> {
    let (mut attacks, mut group) = (Vec::<Attack>::new(), "");
    let mut statement = String::new();
    for line in FILE.lines() {
        if let Some(name) = line.strip_prefix("-- # ") {
            group = name;
        } else if let Some(heading) = line.strip_prefix("-- ## ") {
            attacks.push(Attack::headed(group, heading));
        } else if let Some(attack) = attacks.last_mut() {
            statement.push_str(line);
            if line.ends_with(';') {
                attack.statements.push(std::mem::take(&mut statement));
            }
        }
    }
    assert!(statement.is_empty() && attacks.iter().all(|attack| !attack.statements.is_empty()), "{statement}");
    attacks
}

impl Attack {
    fn headed(group: &'static str, heading: &'static str) -> Self {
        let end = [" (oracle)", " (rolled back)", " = "].iter().filter_map(|mark| heading.find(mark)).min();
        let refused_with = heading.split_once("= ").map(|(_, rest)| &rest[..5]);
        Self {
            group,
            name: &heading[..end.unwrap_or(heading.len())],
            statements: Vec::new(),
            is_oracle: heading.contains("(oracle)"),
            is_rolled_back: heading.contains("(rolled back)"),
            refused_with,
        }
    }

    pub(super) fn mentions(&self, word: &str) -> bool {
        self.statements.iter().any(|statement| statement.contains(word))
    }
}
