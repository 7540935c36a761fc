//! T20: an export whose checkpoints are signed, forged in every way that leaves it consistent with itself, and judged with the
//! public key.
#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use chrono::{DateTime, Duration, Utc};
use keystead_audit::{
    Attestation, ChainHash, Checkpoint, EventLine, Expect, FORMAT, Fault, Frontier, Head, LogKey, Manifest, Node,
    Proof as Signed, Report, chain_step, genesis, verify,
};
use keystead_ids::TenantId;
use keystead_proofs::Proof;
use uuid::Uuid;

const NAME: &str = "keystead.test/audit/main";

fn tenant() -> TenantId {
    TenantId(Uuid::from_u128(0x0197_f0a1_b2c3_7d4e_8f90_a1b2_c3d4_e5f6))
}

fn stranger() -> TenantId {
    TenantId(Uuid::from_u128(7))
}

/// Whoever holds a private key.
struct Signer {
    pair: EcdsaKeyPair,
    key: LogKey,
}

impl Signer {
    fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let key = LogKey::new(NAME, public.as_ref().to_vec()).unwrap();
        Self { pair, key }
    }

    fn note(&self, size: u64, root: &Node) -> String {
        let text = self.key.checkpoint(size, root);
        let signature = self.pair.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
        self.key.note(&text, signature.as_ref())
    }
}

/// The chains of two tenants of twelve events, stated after every fourth, each pair in one round of the log.
struct Story {
    manifest: Manifest,
    events: Vec<String>,
    signed: Vec<Signed>,
    theirs: Vec<Signed>,
}

impl Story {
    fn of(action: &str, signer: &Signer) -> Self {
        let (chain, other) = (chain(tenant(), action), chain(stranger(), "contract.approved"));
        let (mut frontier, mut previous) = (Frontier::default(), [ChainHash([0; 32]); 2]);
        let (mut signed, mut theirs) = (Vec::new(), Vec::new());
        for n in [4, 8, 12] {
            let statement =
                |owner, hash, previous| Attestation { tenant: owner, n: n as u64, hash, at: at(n), previous };
            let round = [
                statement(tenant(), chain[n - 1].hash, previous[0]),
                statement(stranger(), other[n - 1].hash, previous[1]),
            ];
            previous = [round[0].leaf(), round[1].leaf()];
            let grown = frontier.grow(&previous.map(|leaf| leaf.0)).unwrap();
            let note = signer.note(grown.frontier.size(), &grown.root);
            for (place, (statement, path)) in round.into_iter().zip(grown.paths).enumerate() {
                let index = frontier.size() + place as u64;
                let proof = Signed { statement, index, path, note: note.clone() };
                if place == 0 { signed.push(proof) } else { theirs.push(proof) }
            }
            frontier = grown.frontier;
        }
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            tenant: tenant(),
            from: 1,
            count: 12,
            prev: genesis(tenant()),
            head: chain[11].hash,
            checkpoints: Vec::new(),
        };
        let events = chain.iter().map(|line| serde_json::to_string(line).unwrap()).collect();
        Self { manifest, events, signed, theirs }
    }

    /// The export with these checkpoints.
    fn with(&self, checkpoints: Vec<Checkpoint>) -> String {
        let manifest = Manifest { checkpoints, ..self.manifest.clone() };
        let mut text = serde_json::to_string(&manifest).unwrap() + "\n";
        self.events.iter().for_each(|line| text += &format!("{line}\n"));
        text
    }

    fn export(&self) -> String {
        self.with(self.signed.iter().map(shown).collect())
    }
}

fn at(n: usize) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + Duration::microseconds(1_000_003 * n as i64)
}

fn chain(owner: TenantId, action: &str) -> Vec<EventLine<'static>> {
    let mut hash = genesis(owner);
    let lines = (1..=12_u64).map(|n| {
        let leaf = format!(r#"{{"action":"{action}","id":"{n}","tenant":"{owner}"}}"#);
        hash = chain_step(owner, n, &hash, leaf.as_bytes());
        EventLine { n, leaf: leaf.into(), hash }
    });
    lines.collect()
}

fn shown(proof: &Signed) -> Checkpoint {
    Checkpoint { n: proof.statement.n, hash: proof.statement.hash, proof: proof.to_string() }
}

fn judge(export: &str, keys: &[LogKey]) -> Result<Report, Fault> {
    verify(export.as_bytes(), Expect { keys, ..Expect::default() }).map_err(|violation| violation.kind)
}

#[test]
fn what_is_signed_is_good_and_says_how_far() {
    let signer = Signer::new();
    let story = Story::of("contract.submitted", &signer);
    let keys = [Signer::new().key, signer.key];
    let report = judge(&story.export(), &keys).unwrap();
    assert_eq!(report.signed, Some(story.signed[2].statement.clone()));
    // Not all of them need to be there, but those between.
    assert!(judge(&story.with(vec![shown(&story.signed[1])]), &keys).is_ok());
    let gap = story.with(vec![shown(&story.signed[0]), shown(&story.signed[2])]);
    assert_eq!(judge(&gap, &keys).unwrap_err(), Fault::CheckpointMissing { n: 12 });
    assert_eq!(judge(&story.with(Vec::new()), &keys).unwrap_err(), Fault::NothingSigned);
    assert_eq!(judge(&story.export(), &[]).unwrap().signed, None, "nobody asked");
    // A trail that was emptied has nothing that could be signed.
    let prev = genesis(tenant());
    let empty = Manifest { count: 0, prev, head: prev, ..story.manifest.clone() };
    let empty = Story { manifest: empty, events: Vec::new(), ..story }.with(Vec::new());
    assert_eq!(judge(&empty, &keys).unwrap_err(), Fault::NothingSigned);
    assert!(judge(&empty, &[]).is_ok());
}

/// The key swap: a forger rewrites all of it and signs with a key of their own, under our name, and under our key's id.
#[test]
fn nobody_elses_signature_passes() {
    let proof = Proof::of("T20");
    let (signer, forger) = (Signer::new(), Signer::new());
    let honest = Story::of("contract.submitted", &signer);
    let mut forged = Story::of("contract.cancelled", &forger);
    let keys = [signer.key.clone()];
    let mut tried = 0;
    let mut unnoticed = Vec::new();
    let mut case = |what: String, export: String| {
        tried += 1;
        if judge(&export, &keys).is_ok() {
            unnoticed.push(what);
        }
    };
    case("signed by somebody else".to_owned(), forged.export());
    for proof in &mut forged.signed {
        proof.note = signer.key.note(&text_of(&proof.note), &signature_of(&proof.note)[4..]);
    }
    case("signed by somebody else with our key's id".to_owned(), forged.export());
    for (here, there) in [(0, 1), (1, 2), (2, 0)] {
        let mut proofs: Vec<Checkpoint> = honest.signed.iter().map(shown).collect();
        proofs[here].proof = honest.signed[there].to_string();
        case(format!("proof {there} for {here}"), honest.with(proofs));
        let mut proofs: Vec<Checkpoint> = honest.signed.iter().map(shown).collect();
        proofs[here].proof = honest.theirs[here].to_string();
        case(format!("another tenant's proof {here}"), honest.with(proofs));
        let mut relabelled = honest.signed[here].clone();
        relabelled.note.clone_from(&honest.signed[there].note);
        let mut proofs: Vec<Checkpoint> = honest.signed.iter().map(shown).collect();
        proofs[here] = shown(&relabelled);
        case(format!("note {there} under proof {here}"), honest.with(proofs));
        // The honest proofs over the forged chain.
        let proofs = honest.signed[here..=here].iter().map(shown).collect();
        case(format!("history rewritten under honest checkpoint {here}"), forged.with(proofs));
        let mut proofs: Vec<Checkpoint> = honest.signed.iter().map(shown).collect();
        proofs[here].hash = forged.signed[here].statement.hash;
        case(format!("history rewritten and the hash of checkpoint {here}"), forged.with(proofs));
    }
    // Signed by the log in good faith, of another tenant that it says has our hash.
    let of_another = Attestation { tenant: stranger(), ..honest.signed[2].statement.clone() };
    let grown = Frontier::default().grow(&[of_another.leaf().0]).unwrap();
    let note = signer.note(1, &grown.root);
    let proof_of_another = Signed { statement: of_another, index: 0, path: Vec::new(), note };
    case("another tenant's statement with our hash".to_owned(), honest.with(vec![shown(&proof_of_another)]));
    // Every byte of a proof, changed.
    let text = honest.signed[1].to_string();
    for place in 0..text.len() {
        for change in [1, 2, 32] {
            let mut bytes = text.clone().into_bytes();
            bytes[place] ^= change;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            let mut proofs: Vec<Checkpoint> = honest.signed.iter().map(shown).collect();
            proofs[1].proof = changed;
            case(format!("byte {place} of a proof ^ {change}"), honest.with(proofs));
        }
    }
    proof.at_least("signature-forgeries", tried, 1);
    proof.zero("undetected-signature-forgeries", unnoticed.len());
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
}

/// The log signed the forgery as well: only who kept what it signed before can tell.
#[test]
fn a_kept_checkpoint_tells_a_second_history() {
    let signer = Signer::new();
    let (honest, rewritten) = (Story::of("contract.submitted", &signer), Story::of("contract.cancelled", &signer));
    let keys = [signer.key];
    assert!(judge(&rewritten.export(), &keys).is_ok());
    for kept in &honest.signed {
        let Attestation { n, hash, .. } = kept.statement;
        let expect = Expect { head: Some(Head { n, hash }), keys: &keys, ..Expect::default() };
        assert!(verify(honest.export().as_bytes(), expect).is_ok());
        let found = verify(rewritten.export().as_bytes(), expect).unwrap_err().kind;
        assert_eq!(found, Fault::Forked { n });
    }
}

#[test]
fn a_note_is_of_one_log() {
    let signer = Signer::new();
    let spki = {
        let public: PublicKeyX509Der<'_> = signer.pair.public_key().as_der().unwrap();
        public.as_ref().to_vec()
    };
    let namesake = LogKey::new("keystead.test/audit/other", spki).unwrap();
    let note = signer.note(3, &[7; 32]);
    assert_eq!(signer.key.opened(&note), Some((3, [7; 32])));
    assert_eq!(namesake.opened(&note), None, "the same key under another name");
    // Signed by this log, of another: the text and the signature's name do not agree.
    let text = namesake.checkpoint(3, &[7; 32]);
    let signature = signer.pair.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
    assert_eq!(signer.key.opened(&signer.key.note(&text, signature.as_ref())), None);
}

fn text_of(note: &str) -> String {
    note.rsplit_once("\n\n").unwrap().0.to_owned() + "\n"
}

fn signature_of(note: &str) -> Vec<u8> {
    use base64::{Engine, prelude::BASE64_STANDARD};
    BASE64_STANDARD.decode(note.trim_end().rsplit_once(' ').unwrap().1).unwrap()
}

#[test]
fn keys_and_proofs_are_read_as_they_are_written() {
    let signer = Signer::new();
    let text = signer.key.to_string();
    assert_eq!(text.parse::<LogKey>().as_ref(), Ok(&signer.key));
    assert!(text.starts_with(&format!("{NAME}+")));
    for bad in ["", NAME, &text.replacen('+', "-", 1), &text[..text.len() - 4], &text.replace("+A", "+B")] {
        assert!(bad.parse::<LogKey>().is_err(), "{bad}");
    }
    for bad in ["", "two words", "a+b", "line\nfeed"] {
        assert!(LogKey::new(bad, vec![1]).is_err(), "{bad}");
    }
    let story = Story::of("contract.submitted", &signer);
    for proof in story.signed.iter().chain(&story.theirs) {
        assert_eq!(proof.to_string().parse::<Signed>().as_ref(), Ok(proof));
        assert!(proof.is_signed_by(&signer.key));
        assert_eq!(proof.statement.to_string().parse::<Attestation>().as_ref(), Ok(&proof.statement));
    }
}

/// An export and its key as they were written once: the formats may never drift. The browser's verifier reads the same files.
#[test]
fn the_formats_are_frozen() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let (export, keys) = (read("signed.ndjson"), [read("signed.key").parse::<LogKey>().unwrap()]);
    let report = judge(&export, &keys).unwrap();
    assert_eq!(report.signed.map(|signed| signed.n), Some(12));
    let manifest: Manifest = serde_json::from_str(export.lines().next().unwrap()).unwrap();
    let known = Story::of("contract.submitted", &Signer::new());
    for (checkpoint, signed) in manifest.checkpoints.iter().zip(&known.signed) {
        let proof: Signed = checkpoint.proof.parse().unwrap();
        assert_eq!((proof.statement, proof.index), (signed.statement.clone(), signed.index));
        assert_eq!(proof.path, signed.path);
    }
    assert_eq!(manifest.checkpoints.len(), known.signed.len());
}
