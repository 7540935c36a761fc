//! What stays on the stack, as whoever reads the memory of the process sees it.

use std::{fs::File, hint::black_box, os::unix::fs::FileExt, panic::catch_unwind};

use crate::algorithms::{traceless, without_traces};

/// What nothing else has on the stack, 64 times in a row.
const TRACE: [u8; 64] = [0xA7; 64];

/// Leaves 12 KiB of it on the stack.
#[inline(never)]
fn leave_a_trace() {
    black_box(&mut [TRACE; 192]);
}

/// Is it in the 48 KiB below this frame, where what has returned was?
#[inline(never)]
fn is_traced() -> bool {
    let here = 0_u8;
    let mut below = vec![0; 48 * 1024];
    let start = (&raw const here).addr() - below.len();
    File::open("/proc/self/mem").unwrap().read_exact_at(&mut below, start as u64).unwrap();
    below.windows(TRACE.len()).any(|bytes| bytes == TRACE)
}

#[test]
fn what_was_done_without_traces_left_none_on_the_stack() {
    leave_a_trace();
    assert!(is_traced(), "the search sees what was left");
    traceless(leave_a_trace);
    assert!(!is_traced(), "by one call");
    without_traces(leave_a_trace);
    assert!(!is_traced(), "by reading");
    without_traces(|| {
        traceless(leave_a_trace);
        assert!(is_traced(), "an inner call leaves it to the outer");
        without_traces(leave_a_trace);
    });
    assert!(!is_traced(), "by what is done within");
    assert!(catch_unwind(|| without_traces(|| panic!("within"))).is_err());
    traceless(leave_a_trace);
    assert!(!is_traced(), "after one that panicked");
}
