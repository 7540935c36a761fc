//! Ids of a request: ours, and W3C trace context.

use keystead_ids::RequestId;
use uuid::Uuid;

use crate::{Moment, headers::Head};

/// A new request id: UUIDv7 (RFC 9562, 5.7).
pub(crate) fn request_id(moment: &Moment) -> RequestId {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&moment.entropy[..16]);
    let millis = moment.now.max(0).to_be_bytes();
    bytes[..6].copy_from_slice(&millis[2..]);
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    RequestId(Uuid::from_bytes(bytes))
}

/// `traceparent` and `tracestate` for the cell: the caller's trace with our span, or a new one (Trace Context, 4.2).
pub(crate) fn context(head: &Head<'_>, moment: &Moment) -> (String, Option<String>) {
    let span = hex(&moment.entropy[16..24]);
    match head.get("traceparent").and_then(parsed) {
        Some((trace, flags)) => {
            let state = head.get("tracestate").filter(|state| !state.is_empty() && state.len() <= 512);
            (format!("00-{trace}-{span}-{flags}"), state.map(ToOwned::to_owned))
        }
        None => (format!("00-{}-{span}-00", hex(&moment.entropy[..16])), None),
    }
}

/// The trace id and the flags of a caller; later versions are read as far as they agree with version 00.
fn parsed(text: &str) -> Option<(&str, &str)> {
    let mut parts = text.splitn(5, '-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let rest = parts.next();
    let hex = |part: &str, length| part.len() == length && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let sound = hex(version, 2) && version != "ff" && hex(trace, 32) && hex(span, 16) && hex(flags, 2);
    let zero = |part: &str| part.bytes().all(|b| b == b'0');
    let known = version != "00" || rest.is_none();
    (sound && known && !zero(trace) && !zero(span)).then_some((trace, flags))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
