//! Whose turn it is: connections are shared among tenants, not among requests.
//!
//! A tenant that is alone may use every connection. For each other tenant that was here lately it leaves one, down to a
//! quarter of all; and a connection that comes free goes to the waiting tenant that holds the fewest. A tenant whose line is
//! too long is told to come back, so that its crowd is its own.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use keystead_ids::TenantId;
use tokio::{
    sync::oneshot,
    time::{Instant, timeout},
};

use crate::DbError;

/// Longest wait for a turn: beyond it the answer would come too late to be of use.
const WAIT: Duration = Duration::from_secs(3);

/// As many may wait for each connection before the tenant is told to come back.
const LINE: usize = 8;

/// How long a tenant counts as being here, at least.
const LATELY: Duration = Duration::from_secs(1);

/// Turns at the connections of one pool. Clones share them.
#[derive(Clone)]
pub(crate) struct Turns(Arc<Shared>);

struct Shared {
    connections: usize,
    hall: Mutex<Hall>,
}

/// The right to use one connection; ends when it is dropped.
pub(crate) struct Turn {
    shared: Arc<Shared>,
    tenant: TenantId,
}

struct Hall {
    running: usize,
    lines: HashMap<TenantId, Line>,
    /// Those who wait, the one whose last turn is longest ago first.
    waiting: VecDeque<TenantId>,
    /// Who came in this period and who came in the one before.
    visitors: [HashSet<TenantId>; 2],
    period_began: Instant,
}

#[derive(Default)]
struct Line {
    running: usize,
    waiting: VecDeque<oneshot::Sender<Turn>>,
}

impl Turns {
    pub(crate) fn at(connections: usize) -> Self {
        let hall = Hall {
            running: 0,
            lines: HashMap::new(),
            waiting: VecDeque::new(),
            visitors: Default::default(),
            period_began: Instant::now(),
        };
        Self(Arc::new(Shared { connections, hall: Mutex::new(hall) }))
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// [`DbError::Crowded`] when too many of the tenant wait already, [`DbError::Busy`] when no turn came in time.
    pub(crate) async fn take(&self, tenant: TenantId) -> Result<Turn, DbError> {
        let turn = match self.0.line_up(tenant)? {
            Place::Turn => return Ok(Turn { shared: Arc::clone(&self.0), tenant }),
            Place::Wait(turn) => turn,
        };
        match timeout(WAIT, turn).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(DbError::Busy),
        }
    }
}

enum Place {
    Turn,
    Wait(oneshot::Receiver<Turn>),
}

impl Shared {
    fn hall(&self) -> MutexGuard<'_, Hall> {
        self.hall.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line_up(&self, tenant: TenantId) -> Result<Place, DbError> {
        let mut hall = self.hall();
        hall.note(tenant);
        let (share, free) = (hall.share(self.connections), hall.running < self.connections);
        let line = hall.lines.entry(tenant).or_default();
        if free && line.waiting.is_empty() && line.running < share {
            line.running += 1;
            hall.running += 1;
            return Ok(Place::Turn);
        }
        // Whoever gave up waiting takes no place.
        line.waiting.retain(|one| !one.is_closed());
        if line.waiting.len() >= LINE * self.connections {
            return Err(DbError::Crowded);
        }
        let (sender, receiver) = oneshot::channel();
        line.waiting.push_back(sender);
        if line.waiting.len() == 1 && !hall.waiting.contains(&tenant) {
            hall.waiting.push_back(tenant);
        }
        Ok(Place::Wait(receiver))
    }

    fn end(self: &Arc<Self>, tenant: TenantId) {
        let mut begun = Vec::new();
        {
            let mut hall = self.hall();
            hall.running -= 1;
            if let Some(line) = hall.lines.get_mut(&tenant) {
                line.running -= 1;
            }
            hall.forget_if_gone(tenant);
            while hall.running < self.connections
                && let Some((next, sender)) = hall.next(self.connections)
            {
                begun.push((sender, Turn { shared: Arc::clone(self), tenant: next }));
            }
        }
        // A turn that nobody takes any more comes back by being dropped, which wants the lock.
        for (sender, turn) in begun {
            drop(sender.send(turn));
        }
    }
}

impl Hall {
    fn note(&mut self, tenant: TenantId) {
        let now = Instant::now();
        if now - self.period_began >= LATELY {
            // After a longer silence nobody was here lately.
            let stale = now - self.period_began >= LATELY * 2;
            self.visitors[1] = if stale { HashSet::new() } else { mem::take(&mut self.visitors[0]) };
            self.visitors[0].clear();
            self.period_began = now;
        }
        self.visitors[0].insert(tenant);
    }

    /// Connections that one tenant may use at the moment.
    fn share(&self, connections: usize) -> usize {
        let tenants = self.visitors[0].len().max(self.visitors[1].len());
        let others = tenants.saturating_sub(1);
        connections.saturating_sub(others).max(connections / 4).max(1)
    }

    /// Gives the next turn: to the tenant with the fewest, and among equals to the one that waited longest for one.
    fn next(&mut self, connections: usize) -> Option<(TenantId, oneshot::Sender<Turn>)> {
        let share = self.share(connections);
        loop {
            let running = |tenant: &TenantId| self.lines.get(tenant).map_or(0, |line| line.running);
            let (index, tenant) = self
                .waiting
                .iter()
                .copied()
                .enumerate()
                .filter(|(_, tenant)| running(tenant) < share)
                .min_by_key(|(index, tenant)| (running(tenant), *index))?;
            self.waiting.remove(index);
            let line = self.lines.get_mut(&tenant)?;
            let sender = first_waiting(&mut line.waiting);
            if sender.is_some() {
                line.running += 1;
                self.running += 1;
            }
            if !line.waiting.is_empty() {
                self.waiting.push_back(tenant);
            }
            match sender {
                Some(sender) => return Some((tenant, sender)),
                None => self.forget_if_gone(tenant),
            }
        }
    }

    fn forget_if_gone(&mut self, tenant: TenantId) {
        if self.lines.get(&tenant).is_some_and(|line| line.running == 0 && line.waiting.is_empty()) {
            self.lines.remove(&tenant);
        }
    }
}

/// The first who has not given up.
fn first_waiting(waiting: &mut VecDeque<oneshot::Sender<Turn>>) -> Option<oneshot::Sender<Turn>> {
    std::iter::from_fn(|| waiting.pop_front()).find(|one| !one.is_closed())
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.shared.end(self.tenant);
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, future::join_all};
    use uuid::Uuid;

    use super::*;

    fn tenant(n: u128) -> TenantId {
        TenantId(Uuid::from_u128(n))
    }

    async fn hold(turns: &Turns, who: u128, how_many: usize) -> Vec<Turn> {
        let taken = join_all((0..how_many).map(|_| turns.take(tenant(who)))).now_or_never().expect("at once");
        taken.into_iter().map(|turn| turn.unwrap_or_else(|error| panic!("{error}"))).collect()
    }

    #[tokio::test]
    async fn a_tenant_alone_may_use_all() {
        let turns = Turns::at(8);
        let held = hold(&turns, 1, 8).await;
        assert!(turns.take(tenant(1)).now_or_never().is_none(), "the ninth waits");
        drop(held);
        assert_eq!(turns.0.hall().lines.len(), 0, "nothing is left of it");
    }

    #[tokio::test]
    async fn a_tenant_among_others_leaves_room_for_them() {
        let turns = Turns::at(8);
        for other in 2..20 {
            drop(turns.take(tenant(other)).await);
        }
        let _held = hold(&turns, 1, 2).await;
        assert!(turns.take(tenant(1)).now_or_never().is_none(), "a quarter is its share");
        assert!(turns.take(tenant(2)).now_or_never().is_some(), "another is let in at once");
    }

    #[tokio::test]
    async fn whoever_has_the_fewest_is_next() {
        let turns = Turns::at(2);
        let mut held = hold(&turns, 1, 2).await;
        let mut crowd: Vec<_> = (0..5).map(|_| Box::pin(turns.take(tenant(1)))).collect();
        assert!(crowd.iter_mut().all(|one| one.now_or_never().is_none()));
        let mut late = Box::pin(turns.take(tenant(2)));
        assert!((&mut late).now_or_never().is_none());
        drop(held.pop());
        let late = (&mut late).now_or_never().expect("the newcomer is next, whoever else waits");
        assert!(crowd.iter_mut().all(|one| one.now_or_never().is_none()));
        drop(late);
        drop(held);
        assert!(crowd[0].as_mut().now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_crowd_is_told_to_come_back_and_nobody_else() {
        let turns = Turns::at(2);
        let _held = hold(&turns, 1, 2).await;
        let mut crowd: Vec<_> = (0..LINE * 2).map(|_| Box::pin(turns.take(tenant(1)))).collect();
        assert!(crowd.iter_mut().all(|one| one.now_or_never().is_none()));
        assert!(matches!(turns.take(tenant(1)).await, Err(DbError::Crowded)));
        assert!(turns.take(tenant(2)).now_or_never().is_none(), "another tenant has a line of its own");
        crowd.pop();
        assert!(turns.take(tenant(1)).now_or_never().is_none(), "whoever gave up takes no place");
    }

    #[tokio::test]
    async fn nobody_waits_for_ever_and_a_lost_turn_goes_on() {
        let turns = Turns::at(1);
        let held = hold(&turns, 1, 1).await;
        assert!(matches!(turns.take(tenant(1)).await, Err(DbError::Busy)));
        let mut given_up = Box::pin(turns.take(tenant(2)));
        assert!((&mut given_up).now_or_never().is_none());
        let mut patient = Box::pin(turns.take(tenant(3)));
        assert!((&mut patient).now_or_never().is_none());
        // The turn reaches the first, who leaves without looking.
        drop(held);
        drop(given_up);
        assert!((&mut patient).now_or_never().is_some());
    }
}
