//! T20: single edits of a chain as long as a busy year's, each of which has to be noticed.
//!
//! The events have every member that `audit.leaf` writes. A forger may do anything to one place and repair what stands in
//! the same line; who repairs all that follows, too, has made a fork, and only a head that was noted elsewhere tells.
#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

use keystead_audit::{ChainHash, Checkpoint, EventLine, Expect, FORMAT, Head, Manifest, chain_step, genesis, verify};
use keystead_ids::TenantId;
use keystead_proofs::{Proof, scale};
use rand::{Rng as _, seq::IndexedRandom as _};
use serde_json::{Value, json};
use uuid::Uuid;

/// Events of the chain.
fn length() -> usize {
    scale(1_000, 10_000)
}

fn tenant() -> TenantId {
    TenantId(Uuid::from_u128(0x0197_f0a1_b2c3_7d4e_8f90_a1b2_c3d4_e5f6))
}

fn stranger() -> TenantId {
    TenantId(Uuid::from_u128(0x0197_f0a1_b2c3_7d4e_8f90_a1b2_c3d4_e5f7))
}

/// An event as the database writes it, canonical: serde_json sorts an object's members.
fn event(tenant: TenantId, n: usize) -> Value {
    let id = |kind: u128| Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0000 + kind * 1_000_000 + n as u128);
    let (minute, second) = (n / 60 % 60, n % 60);
    json!({
        "action": "contract.submitted", "actor_id": id(1), "actor_kind": "member",
        "after": { "state": "submitted", "submitted_at": format!("2026-05-01T10:{minute:02}:{second:02}+00:00") },
        "at": format!("2026-05-01T10:{minute:02}:{second:02}.123456Z"), "before": { "state": "draft", "submitted_at": null },
        "id": format!("evt_{}", id(2).simple()), "object_id": id(3), "object_kind": "contract", "project_id": id(4),
        "request_id": id(5), "tenant": tenant,
    })
}

/// An honest export.
struct Trail {
    manifest: Manifest,
    leaves: Vec<String>,
    hashes: Vec<ChainHash>,
}

impl Trail {
    fn new(owner: TenantId) -> Self {
        Self::of(owner, (1..=length()).map(|n| event(owner, n).to_string()).collect())
    }

    fn of(owner: TenantId, leaves: Vec<String>) -> Self {
        let start = genesis(owner);
        let mut hashes = Vec::with_capacity(leaves.len());
        for (leaf, n) in leaves.iter().zip(1..) {
            hashes.push(chain_step(owner, n, hashes.last().unwrap_or(&start), leaf.as_bytes()));
        }
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            tenant: owner,
            from: 1,
            count: leaves.len() as u64,
            prev: start,
            head: *hashes.last().unwrap(),
            checkpoints: Vec::new(),
        };
        Self { manifest, leaves, hashes }
    }

    fn line(&self, n: usize) -> String {
        line(n, &self.leaves[n - 1], self.hashes[n - 1])
    }

    fn lines(&self) -> Vec<String> {
        std::iter::once(json_text(&self.manifest)).chain((1..=self.leaves.len()).map(|n| self.line(n))).collect()
    }

    /// What the hash of event `n` continues.
    fn before(&self, n: usize) -> ChainHash {
        if n == 1 { self.manifest.prev } else { self.hashes[n - 2] }
    }

    fn head(&self, n: usize) -> Head {
        Head { n: n as u64, hash: self.hashes[n - 1] }
    }

    /// The hash that event `n` would have with this text.
    fn repaired(&self, n: usize, leaf: &str) -> ChainHash {
        chain_step(self.manifest.tenant, n as u64, &self.before(n), leaf.as_bytes())
    }
}

fn json_text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

fn line(n: usize, leaf: &str, hash: ChainHash) -> String {
    json_text(&EventLine { n: n as u64, leaf: leaf.into(), hash })
}

fn is_noticed(lines: &[String], expect: Expect) -> bool {
    let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    verify(text.as_bytes(), expect).is_err()
}

/// Every way to change one member of an event: each value replaced, each taken away, one added.
fn edits(leaf: &str) -> Vec<String> {
    let event: Value = serde_json::from_str(leaf).unwrap();
    let members: Vec<String> = event.as_object().unwrap().keys().cloned().collect();
    let mut edited = Vec::new();
    for member in &members {
        for value in [json!("x"), Value::Null, json!({ "state": "draft" }), json!(1)] {
            let mut event = event.clone();
            event[member] = value;
            edited.push(event);
        }
        let mut event = event.clone();
        event.as_object_mut().unwrap().remove(member);
        edited.push(event);
    }
    let mut more = event;
    more["note"] = json!("");
    edited.push(more);
    edited.iter().map(Value::to_string).filter(|text| text != leaf).collect()
}

/// Counts what was tried and what went through.
#[derive(Default)]
struct Tally {
    tried: usize,
    unnoticed: Vec<String>,
}

impl Tally {
    fn case(&mut self, noticed: bool, what: impl FnOnce() -> String) {
        self.tried += 1;
        if !noticed {
            self.unnoticed.push(what());
        }
    }
}

/// Changes each member of event `n`, with the old hash and with one that fits.
fn edit_each_member(trail: &Trail, lines: &mut [String], n: usize, tally: &mut Tally) {
    for (at, leaf) in edits(&trail.leaves[n - 1]).iter().enumerate().step_by(scale(25, 1)) {
        for hash in [trail.hashes[n - 1], trail.repaired(n, leaf)] {
            lines[n] = line(n, leaf, hash);
            tally.case(is_noticed(lines, Expect::default()), || format!("edit {at} of event {n}"));
        }
    }
    let mut hash = trail.hashes[n - 1];
    hash.0[n % 32] ^= 1 << (n % 8);
    lines[n] = line(n, &trail.leaves[n - 1], hash);
    tally.case(is_noticed(lines, Expect::default()), || format!("hash of event {n}"));
    lines[n] = trail.line(n);
}

/// Takes event `n` away, doubles it, moves it to `to`, puts an event of our own in its place and before it, ends before it.
fn rearrange(trail: &Trail, lines: &[String], n: usize, to: usize, tally: &mut Tally) {
    let mut try_out = |what: &str, edit: &dyn Fn(&mut Vec<String>)| {
        let mut lines = lines.to_vec();
        edit(&mut lines);
        tally.case(is_noticed(&lines, Expect::default()), || format!("{what} of event {n} ({to})"));
    };
    let invented = event(tenant(), length() + 1).to_string();
    let forged = line(n, &invented, trail.repaired(n, &invented));
    try_out("removal", &|lines| drop(lines.remove(n)));
    try_out("repetition", &|lines| lines.insert(to, lines[n].clone()));
    if n != to {
        try_out("swap", &|lines| lines.swap(n, to));
        try_out("move", &|lines| {
            let moved = lines.remove(n);
            lines.insert(to, moved);
        });
    }
    try_out("insertion", &|lines| lines.insert(n, forged.clone()));
    if n < length() {
        try_out("replacement", &|lines| lines[n] = forged.clone());
    }
    try_out("truncation", &|lines| lines.truncate(n));
    let mut shorter = trail.manifest.clone();
    (shorter.count, shorter.head) = (n as u64 - 1, trail.before(n));
    let mut lines = lines.to_vec();
    lines[0] = json_text(&shorter);
    lines.truncate(n);
    // Consistent with itself: only who knows a later head can tell.
    let expect = Expect { tenant: Some(tenant()), head: Some(trail.head(length())), ..Expect::default() };
    tally.case(is_noticed(&lines, expect), || format!("truncation before event {n}, manifest and all"));
}

/// Rewrites history from event `n` on, every hash repaired.
fn fork(trail: &Trail, n: usize, tally: &mut Tally) {
    let mut leaves = trail.leaves.clone();
    leaves[n - 1] = leaves[n - 1].replace("submitted", "approved");
    let forged = Trail::of(tenant(), leaves);
    for known in [n, length()] {
        let expect = Expect { head: Some(trail.head(known)), ..Expect::default() };
        tally.case(is_noticed(&forged.lines(), expect), || format!("fork at event {n}, head {known} known"));
        let mut pinned = forged.lines();
        let mut manifest = forged.manifest.clone();
        let head = trail.head(known);
        manifest.checkpoints = vec![Checkpoint { n: head.n, hash: head.hash, proof: String::new() }];
        pinned[0] = json_text(&manifest);
        tally.case(is_noticed(&pinned, Expect::default()), || {
            format!("fork at event {n}, checkpoint {known} in the export")
        });
    }
}

/// Gives the trail to somebody else, as a whole, in its manifest, and event by event.
fn change_hands(trail: &Trail, lines: &[String], n: usize, tally: &mut Tally) {
    let expect = Expect { tenant: Some(tenant()), ..Expect::default() };
    let theirs = Trail::new(stranger());
    tally.case(is_noticed(&theirs.lines(), expect), || "another tenant's whole trail".to_owned());
    let mut relabelled = theirs.lines();
    relabelled[0] = json_text(&Manifest { tenant: tenant(), ..theirs.manifest.clone() });
    tally.case(is_noticed(&relabelled, expect), || "another tenant's trail under our manifest".to_owned());
    let mut start = Manifest { tenant: tenant(), ..theirs.manifest.clone() };
    start.prev = genesis(tenant());
    relabelled[0] = json_text(&start);
    tally.case(is_noticed(&relabelled, expect), || "another tenant's trail under our manifest and start".to_owned());
    let mut mixed = lines.to_vec();
    mixed[n] = theirs.line(n);
    tally.case(is_noticed(&mixed, expect), || format!("another tenant's event {n}"));
    let leaf = &theirs.leaves[n - 1];
    mixed[n] = line(n, leaf, trail.repaired(n, leaf));
    tally.case(is_noticed(&mixed[..], expect), || format!("another tenant's event {n} with our hash"));
    // The very last, where no later link would tell.
    let mut leaves = trail.leaves.clone();
    leaves[length() - 1] = event(stranger(), length()).to_string();
    tally.case(is_noticed(&Trail::of(tenant(), leaves).lines(), expect), || {
        "another tenant's event at the end".to_owned()
    });
}

#[test]
fn no_edit_of_a_long_chain_goes_unnoticed() {
    let proof = Proof::of("T20");
    let mut random = proof.rng();
    let trail = Trail::new(tenant());
    let mut lines = trail.lines();
    assert!(
        !is_noticed(&lines, Expect { tenant: Some(tenant()), head: Some(trail.head(length())), ..Expect::default() }),
        "honest"
    );
    let everywhere: Vec<usize> = (1..=length()).collect();
    // The last, the first, the second, and any others.
    let mut places: Vec<usize> =
        [length(), 1, 2].into_iter().chain(everywhere.choose_multiple(&mut random, 20).copied()).collect();
    places.truncate(scale(2, 23));
    let mut members = Tally::default();
    let mut order = Tally::default();
    let mut forks = Tally::default();
    for &n in &places {
        edit_each_member(&trail, &mut lines, n, &mut members);
        rearrange(&trail, &lines, n, random.random_range(1..=length()), &mut order);
    }
    for &n in &places[..scale(1, 20)] {
        fork(&trail, n, &mut forks);
        change_hands(&trail, &lines, n, &mut forks);
    }
    proof.note("events-in-the-chain", length());
    for (what, tally) in [("member-edits", members), ("order-edits", order), ("forks-and-swaps", forks)] {
        proof.at_least(what, tally.tried, 1);
        proof.zero(&format!("undetected-{what}"), tally.unnoticed.len());
        assert!(tally.unnoticed.is_empty(), "{:#?}", tally.unnoticed);
    }
}

/// Every event of the chain, edited in the middle of a short export around it: nothing before it is read, so all of them cost
/// little.
#[test]
fn no_event_of_a_long_chain_can_be_edited() {
    let proof = Proof::of("T20");
    let trail = Trail::new(tenant());
    let mut tally = Tally::default();
    for n in (1..=length()).step_by(scale(20, 1)) {
        let last = (n + 1).min(length());
        let manifest = Manifest {
            from: n as u64,
            count: (last - n + 1) as u64,
            prev: trail.before(n),
            head: trail.hashes[last - 1],
            ..trail.manifest.clone()
        };
        let honest: Vec<String> =
            std::iter::once(json_text(&manifest)).chain((n..=last).map(|n| trail.line(n))).collect();
        assert!(!is_noticed(&honest, Expect::default()), "honest at {n}");
        for leaf in edits(&trail.leaves[n - 1]) {
            for hash in [trail.hashes[n - 1], trail.repaired(n, &leaf)] {
                let mut lines = honest.clone();
                lines[1] = line(n, &leaf, hash);
                tally.case(is_noticed(&lines, Expect::default()), || format!("{leaf} as event {n}"));
            }
        }
    }
    proof.at_least("edits-of-every-event", tally.tried, 1);
    proof.zero("undetected-edits-of-every-event", tally.unnoticed.len());
}
