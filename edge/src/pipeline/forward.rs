//! A request on its way to a cell, and the cell's answer on its way back.

use std::{net::IpAddr, sync::Arc};

use crate::{
    Answer, Moment,
    answer::{API_POLICY, Dress, PRIVATE, Problem, REFERENCE_POLICY},
    directory::{Cell, Tenant},
    headers::drops,
    public::Class,
    sign::{self, BodyMark, EdgeKey, Vouch},
};

/// How the body goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyRule {
    /// There is none.
    None,
    /// Read it whole, and refuse more bytes than these with [`Forward::too_large`].
    Whole(u64),
    /// Pass it on while it arrives.
    Stream,
    /// Open a WebSocket and pass on both directions.
    WebSocket,
}

/// The body at hand when a request is signed.
#[derive(Debug, Clone, Copy)]
pub enum Payload<'b> {
    /// None, or a WebSocket.
    None,
    /// The whole body.
    Whole(&'b [u8]),
    /// It is passed on while it arrives.
    Stream,
}

/// A request on its way to a cell.
#[derive(Debug, Clone)]
pub struct Forward {
    /// Where it goes.
    pub cell: Cell,
    /// How the body goes on.
    pub body: BodyRule,
    /// The epoch of the directory that led there.
    pub epoch: u64,
    pub(super) method: String,
    pub(super) target: String,
    pub(super) fields: Vec<(String, Vec<u8>)>,
    pub(super) host: String,
    pub(super) tenant: Option<Arc<Tenant>>,
    pub(super) subject: Option<[u8; 32]>,
    pub(super) address: IpAddr,
    pub(super) class: Class,
    pub(super) dress: Dress,
}

impl Forward {
    /// The fields for the cell, the signature among them. Ask for them anew for each attempt: a signature is good once. `host`
    /// and the body's length are the sender's to add.
    ///
    /// # Errors
    /// The answer if there is no usable key to sign with.
    pub fn headers(
        &self,
        keys: &[EdgeKey],
        payload: Payload<'_>,
        moment: &Moment,
    ) -> Result<Vec<(String, Vec<u8>)>, Box<Answer>> {
        let mut nonce = [0; 16];
        nonce.copy_from_slice(&moment.entropy[16..]);
        let statement = Vouch {
            ts: moment.now.div_euclid(1_000),
            nonce,
            request: self.dress.request,
            host: self.host.clone(),
            cell: self.cell.to_string(),
            epoch: self.epoch,
            tenant: self.tenant.as_ref().map(|tenant| tenant.id),
            subject: self.subject,
            address: self.address,
            body: match payload {
                Payload::None => BodyMark::None,
                Payload::Whole([]) => BodyMark::None,
                Payload::Whole(bytes) => BodyMark::Digest(sign::digest(bytes)),
                Payload::Stream => BodyMark::Stream,
            },
        };
        let unsigned = || Box::new(self.dress.problem(Problem::Unavailable, "no-key", Some(5)));
        let key = keys.first().ok_or_else(unsigned)?;
        let value = sign::sign(key, &self.method, &self.target, &statement).map_err(|_| unsigned())?;
        let mut fields = self.fields.clone();
        fields.push((sign::HEADER.to_owned(), value.into_bytes()));
        Ok(fields)
    }

    /// The host that was asked for.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Path and query, to be sent exactly so.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The fields of the cell's answer as they go to the caller. Doubles, `set-cookie` above all, stay.
    #[must_use]
    pub fn finish<'f>(
        &self,
        status: u16,
        fields: impl IntoIterator<Item = (&'f str, &'f [u8])>,
    ) -> Vec<(String, String)> {
        let kept = fields.into_iter().filter_map(|(name, value)| {
            let name = name.to_ascii_lowercase();
            let ours =
                drops(&name) && name != "content-length" || name == "server" || name.starts_with("access-control-");
            (!ours).then(|| (name, String::from_utf8_lossy(value).into_owned()))
        });
        let mut fields: Vec<_> = kept.collect();
        let public = matches!(self.class, Class::Keys | Class::Reference);
        if !public {
            fields.retain(|(name, _)| name != "cache-control" && name != "expires" && name != "pragma");
            fields.push(("cache-control".to_owned(), PRIVATE.to_owned()));
        }
        let mut dress = self.dress.clone();
        if status == 429 && fields.iter().any(|(name, _)| name == "ratelimit") {
            // The cell's own limit is what the caller ran into.
            dress.told = None;
        }
        let policy = if self.class == Class::Reference { REFERENCE_POLICY } else { API_POLICY };
        dress.put_on(status, &mut fields, policy);
        fields
    }

    /// The answer when the cell cannot be reached.
    #[must_use]
    pub fn unreachable(&self) -> Answer {
        self.dress.problem(Problem::Origin, "origin", Some(2))
    }

    /// The answer to more bytes than [`BodyRule::Whole`] allows.
    #[must_use]
    pub fn too_large(&self) -> Answer {
        self.dress.problem(Problem::TooLarge, "body", None)
    }

    /// The answer to a body that does not arrive whole or in time.
    #[must_use]
    pub fn broken(&self) -> Answer {
        self.dress.problem(Problem::Malformed, "body-broken", None)
    }
}
