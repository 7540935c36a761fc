//! A hostile session: it logged in with the API's own role and holds a valid context of its tenant, as an SQL injection
//! would (security rule T7). It must see no byte of another tenant's, and change none.

mod arena;
mod attacks;
mod canaries;
mod grammar;
mod session;

use std::{collections::BTreeSet, time::Instant};

use keystead_proofs::{Proof, full, scale};
use keystead_tests::context::enter;
use rand::{Rng, SeedableRng, rngs::StdRng};

use self::{arena::Arena, attacks::Attack, grammar::Grammar, session::Session};

/// What went wrong, and how much was tried.
#[derive(Default)]
struct Tally {
    attacks: usize,
    statements: usize,
    leaks: Vec<String>,
    told_apart: Vec<String>,
    not_refused: Vec<String>,
}

impl Tally {
    fn report(&self, proof: &Proof, changed: &[String]) {
        for (figure, wrong) in
            [("leaks", &self.leaks), ("told-apart", &self.told_apart), ("not-refused", &self.not_refused)]
        {
            wrong.iter().take(20).for_each(|what| println!("{figure}: {what}"));
            proof.zero(figure, wrong.len());
        }
        println!("changed: {changed:?}");
        proof.zero("changed", changed.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_scripted_attack_reaches_another_tenant() {
    let proof = Proof::of("T7");
    let arena = Arena::build().await;
    let attacks = attacks::read();
    let names: BTreeSet<_> = attacks.iter().map(|attack| (attack.group, attack.name)).collect();
    assert_eq!(names.len(), attacks.len(), "every attack has a name of its own");
    let mut random = proof.rng();
    let (mut tally, mut changed) = (Tally::default(), Vec::new());
    let mut group = "";
    for attack in &attacks {
        if group != attack.group {
            changed.extend(arena.changes(group).await);
            group = attack.group;
        }
        tally.attacks += 1;
        for table in arena.stand_ins(attack, &mut random) {
            run(&arena, attack, &table, &mut tally).await;
        }
    }
    changed.extend(arena.changes(group).await);
    println!("columns that cannot hold a canary: {:?}", arena.canaries.bare);
    proof.note("columns-with-canaries", arena.canaries.planted);
    proof.at_least("attacks", tally.attacks, 300);
    proof.note("attack-statements", tally.statements);
    proof.note("live-transactions-of-the-victim-meanwhile", arena.end().await);
    tally.report(&proof, &changed);
}

/// One attack, against the victim and, if it might tell, against nobody.
async fn run(arena: &Arena, attack: &Attack, table: &str, tally: &mut Tally) {
    let mut outcomes = Vec::new();
    for target in &arena.targets[..if attack.is_oracle { 2 } else { 1 }] {
        let script: Vec<String> =
            attack.statements.iter().map(|statement| arena.fill(statement, target, table)).collect();
        let text = script.join(" ");
        let mut session = Session::open(&arena.database).await;
        session.begin(&arena.context()).await;
        let mut said = Vec::new();
        for (index, statement) in script.iter().enumerate() {
            let heard = session.run(statement).await;
            tally.statements += 1;
            let wanted = attack.refused_with.filter(|_| index == 0);
            if wanted.is_some_and(|code| heard.code.as_deref() != Some(code)) {
                tally.not_refused.push(format!("{} ({:?}): {statement}", attack.name, heard.code));
            }
            said.push(heard.text);
        }
        // Whatever the script left behind might let the next statement see more.
        said.push(session.run(&arena.harvest).await.text);
        // Neither may what an oracle wrote for the victim stand in the way of what it writes for nobody.
        session.end(attack.is_rolled_back || attack.is_oracle).await;
        said.push(session.run(&arena.harvest).await.text);
        for said in &said {
            if let Some(leak) = arena.canaries.leak(said, &text) {
                tally.leaks.push(format!("{} / {} on {table}: {leak}", attack.group, attack.name));
            }
        }
        outcomes.push(target.anonymous(&said[..script.len()].join("\n")));
    }
    if attack.is_oracle && outcomes[0] != outcomes[1] {
        tally.told_apart.push(format!("{} on {table}:\n{}\n{}", attack.name, outcomes[0], outcomes[1]));
    }
}

/// Random statements in one transaction.
const BATCH: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_random_statement_reaches_another_tenant() {
    let proof = Proof::of("T7");
    let arena = Arena::build().await;
    let grammar = Grammar::read(&arena.relations);
    let (mut tally, mut failed, mut rows) = (Tally::default(), 0, 0);
    let mut random = proof.rng();
    let started = Instant::now();
    let mut session = Session::open(&arena.database).await;
    for batch in 0..scale(5_000, 200_000) / BATCH {
        // Plans and settings that an earlier batch left are part of the attack, for a while.
        if batch % 25 == 0 || session.is_lost() {
            session = Session::open(&arena.database).await;
        }
        let seed: u64 = random.random();
        let mut words = StdRng::seed_from_u64(seed);
        session.begin(&arena.context()).await;
        for _ in 0..BATCH {
            let statement = arena.fill(&grammar.sentence(&mut words), &arena.targets[0], "");
            let heard = session.run(&statement).await;
            tally.statements += 1;
            failed += usize::from(heard.code.is_some());
            rows += heard.rows;
            // The victim's ids that the grammar uses are known; an earlier statement may come back with them.
            if let Some(leak) = arena.canaries.leak(&heard.text, &arena.targets[0].known()) {
                tally.leaks.push(format!("{statement}: {leak}"));
            }
        }
        let harvest = session.run(&arena.harvest).await.text;
        session.end(false).await;
        if let Some(leak) = arena.canaries.leak(&harvest, "") {
            tally.leaks.push(format!("after batch {seed}: {leak}"));
        }
    }
    let changed = arena.changes("random statements").await;
    println!("{} statements in {:?}, {failed} refused, {rows} rows of one's own", tally.statements, started.elapsed());
    proof.note("live-transactions-of-the-victim-meanwhile", arena.end().await);
    proof.at_least("random-statements", tally.statements, scale(5_000, 200_000));
    // A grammar of which nothing runs would show nothing.
    proof.at_least("random-statements-that-ran", tally.statements - failed, tally.statements / 4);
    proof.at_least("rows-of-ones-own-seen", rows, 1_000);
    tally.report(&proof, &changed);
}

/// How long the database takes to refuse a context whose MAC is wrong from its first digit, and at its last only.
#[tokio::test]
async fn a_refused_context_does_not_tell_how_much_of_it_was_right() {
    let proof = Proof::of("T7");
    let database = keystead_tests::fresh_database().await;
    let context = arena::context_of(uuid::Uuid::new_v4(), uuid::Uuid::nil());
    let (text, mac) = context.rsplit_once('|').unwrap();
    let other = |digit: &str| if digit == "0" { "1" } else { "0" };
    let wrong =
        [format!("{text}|{}{}", other(&mac[..1]), &mac[1..]), format!("{text}|{}{}", &mac[..63], other(&mac[63..]))];
    let client = database.role("keystead_app").await;
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..scale(150, 5_000) {
        // In turn, so that whatever else the machine does touches both alike.
        let which = round % 2;
        for index in [which, 1 - which] {
            client.batch_execute("BEGIN").await.unwrap();
            let started = Instant::now();
            let entered = enter(&client, &wrong[index]).await;
            let refused = entered.is_err() || client.query_one("SELECT ctx.tenant_id()", &[]).await.is_err();
            times[index].push(started.elapsed());
            assert!(refused, "a wrong MAC was taken");
            client.batch_execute("ROLLBACK").await.unwrap();
        }
    }
    let median = |times: &mut Vec<std::time::Duration>| {
        times.sort();
        times[times.len() / 2].as_secs_f64() * 1e6
    };
    let [first, last] = &mut times;
    let (first, last) = (median(first), median(last));
    let difference = (first - last).abs() / first * 100.0;
    println!("wrong from the first digit {first:.1} µs, at the last {last:.1} µs");
    if full() {
        proof.at_most("verifier-timing-difference-percent", difference, 5.0);
    } else {
        proof.note("verifier-timing-difference-percent", difference);
    }
}

#[tokio::test]
async fn no_connection_begins_in_a_context() {
    let proof = Proof::of("T7");
    let database = keystead_tests::fresh_database().await;
    let tenant = uuid::Uuid::new_v4().simple();
    let mut begun = Vec::new();
    for option in ["backtrace_functions", "role", "session_authorization", "session_replication_role"] {
        let value = if option == "backtrace_functions" { tenant.to_string() } else { "keystead_owner".to_owned() };
        if database.refuses("keystead_app", &format!("-c {option}={value}")).await.is_none() {
            begun.push(option);
        }
    }
    println!("connections began with {begun:?}");
    proof.zero("connections-that-began-as-somebody", begun.len());
}
