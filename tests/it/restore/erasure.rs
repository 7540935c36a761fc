//! A backup that is older than an erasure opens everybody but who was erased.

use keystead_keys::KeyError;
use keystead_proofs::Proof;
use keystead_server::tenant::{export, restore};
use keystead_tests::{Options, Person, ServerProcess, World};
use serde_json::json;

use super::{
    check,
    stage::{Builder, NO_PROGRAMS, admin_url, deployment, dump, kms, programs, undump, unused_name},
};
use crate::{erasure::erase_to_the_end, seed::settled};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_backed_up_before_does_not_open_who_was_erased() {
    let proof = Proof::of("T22");
    let world = World::new().await;
    let acme = Builder::of(&world, "acme", 5).await;
    let zenith = Builder::of(&world, "zenith", 2).await;
    let original = world.database.superuser().await;
    settled(&original).await;
    let (shared, cloud) = deployment(&world.database);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("acme");
    export(&shared, &cloud, "acme", &out).await.unwrap();
    let programs = programs(&world.database).await;
    let file = folder.path().join("before.dump");
    if let Some((pg_dump, _)) = &programs {
        let password = shared.root().unwrap().role_password("keystead_backup");
        dump(pg_dump, &world.database, &password, &file).await;
    }
    assert_eq!(
        check::opened(&original, &kms(), &world.app.blobs, &acme.tenant.id).await.0,
        5,
        "before, everybody opens"
    );

    // Two of five; the first of them has a contract that lives.
    let erased = &acme.contacts[1..3];
    for contact in erased {
        erase_to_the_end(&acme.tenant.admin, &acme.tenant, contact).await;
    }
    let (opened, refused) = check::opened(&original, &kms(), &world.app.blobs, &acme.tenant.id).await;
    assert_eq!((opened, refused.len()), (3, 0), "in the live database nothing is left to refuse: {refused:?}");

    let (mut readable, mut lost) = (0, 0);
    // The dump of before, beside the bucket as it is.
    match &programs {
        None => proof.skipped("dump-of-before-the-erasure", NO_PROGRAMS),
        Some((_, pg_restore)) => {
            let scratch = undump(pg_restore, &file, &world.database).await;
            let restored = scratch.superuser().await;
            let (opened, refused) = check::opened(&restored, &kms(), &world.app.blobs, &acme.tenant.id).await;
            assert_eq!(refused, [KeyError::Erased, KeyError::Erased]);
            lost += 3_usize.abs_diff(opened);
            lost += 2_usize.abs_diff(check::opened(&restored, &kms(), &world.app.blobs, &zenith.tenant.id).await.0);
            let server =
                ServerProcess::start_with(scratch, &Options::default(), &[("KEYSTEAD_BUCKET", &cloud.bucket)]).await;
            let agent = Person::enter(&server, "acme", &acme.agent.email).await;
            let reveal = json!({ "fields": ["name"], "purpose": "the erasure drill" });
            for contact in &acme.contacts {
                let path = format!("/v1/contacts/{contact}");
                let shown = agent.get(&path).expect(200).await;
                let revealed = agent.post(&format!("{path}/reveal"), &reveal).send().await;
                if erased.contains(contact) {
                    readable += usize::from(revealed.status == 200) + usize::from(!shown.json["name"].is_null());
                    assert_eq!(revealed.json["type"], "urn:keystead:problem:contact-erased", "{}", revealed.text);
                } else {
                    lost += usize::from(revealed.status != 200);
                }
            }
            server.kill9().await;
        }
    }
    // The export of before.
    let into = unused_name();
    let restored = restore(&shared, &cloud, &admin_url(), &out, &into, None).await.unwrap();
    assert_eq!((restored.opened, restored.erased), (3, 2), "{restored}");
    let scratch = world.database.sibling(&into).superuser().await;
    let (opened, refused) = check::opened(&scratch, &kms(), &world.app.blobs, &acme.tenant.id).await;
    readable += opened.saturating_sub(3);
    lost += 3_usize.saturating_sub(opened);
    assert_eq!(refused, [KeyError::Erased, KeyError::Erased]);
    proof.zero("readable-after-erasure", readable);
    proof.zero("others-lost-by-an-erasure", lost);
}
