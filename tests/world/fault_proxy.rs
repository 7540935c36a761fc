//! A TCP proxy that breaks what passes through it: between the server and what it needs, or between clients and the server.
//!
//! It knows bytes only, so it serves every protocol. Faults apply to connections that are open and to those to come; chances
//! are drawn from a seed.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use rand::{Rng, SeedableRng, rngs::StdRng};
use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
    time::sleep,
};

/// What is wrong with the path. The default is nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Faults {
    /// Every piece comes later by this, each way.
    pub latency: Duration,
    /// Bytes a second and connection, each way; nought for no bound.
    pub bandwidth: u64,
    /// Nothing is forwarded and nothing is closed: half-open. What was held goes on when this ends.
    pub held: bool,
    /// New connections are closed at once.
    pub refused: bool,
    /// One bit of one in so many pieces is turned, on the way back to the client; nought for none.
    pub corrupt_one_in: u32,
    /// A connection breaks once so many bytes have come back; nought for never.
    pub cut_after: u64,
    /// Something happens when a client says certain words.
    pub at: Option<At>,
}

/// A fault at a certain word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct At {
    /// The word, in what the client sends.
    pub word: &'static [u8],
    /// One time in so many.
    pub one_in: u32,
    /// What happens.
    pub then: Then,
}

/// What happens at a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The connection breaks; the word is not delivered.
    Lose,
    /// The word is delivered, and the connection breaks: its answer is lost.
    LoseAnswer,
    /// The word is delivered; its answer never comes, and the connection stays open.
    Silence,
}

/// A running proxy. Ends when it is dropped, and its connections with it.
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    upstream: SocketAddr,
    faults: watch::Sender<Faults>,
    /// Each rise breaks every open connection.
    breaks: watch::Sender<u64>,
    chance: Mutex<StdRng>,
    open: AtomicUsize,
    struck: AtomicUsize,
}

impl FaultProxy {
    /// Listens on loopback and forwards to `upstream`.
    pub async fn to(upstream: SocketAddr, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            upstream,
            faults: watch::Sender::default(),
            breaks: watch::Sender::default(),
            chance: Mutex::new(StdRng::seed_from_u64(seed)),
            open: AtomicUsize::new(0),
            struck: AtomicUsize::new(0),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { address, shared, accepting }
    }

    /// The same for a server that a URL names.
    pub async fn to_url(url: &str, seed: u64) -> Self {
        let authority = url.split_once("://").map_or(url, |(_, rest)| rest).split('/').next().unwrap();
        let place = authority.rsplit('@').next().unwrap().replace("localhost", "127.0.0.1");
        Self::to(place.parse().unwrap(), seed).await
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// `url` with this proxy in the place of its host and port.
    #[must_use]
    pub fn instead_in(&self, url: &str) -> String {
        let (scheme, rest) = url.split_once("://").unwrap();
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let user = authority.rsplit_once('@').map(|(user, _)| format!("{user}@")).unwrap_or_default();
        format!("{scheme}://{user}{}{path}", self.address)
    }

    /// Sets what is wrong from now on.
    pub fn set(&self, faults: Faults) {
        self.shared.faults.send_replace(faults);
    }

    /// Nothing is wrong any more. Connections that fell silent stay silent.
    pub fn heal(&self) {
        self.set(Faults::default());
    }

    /// Breaks every open connection, with RST.
    pub fn reset(&self) {
        self.shared.breaks.send_modify(|count| *count += 1);
    }

    /// Connections that are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.shared.open.load(Ordering::Relaxed)
    }

    /// How often something was corrupted, cut, or struck at its word.
    #[must_use]
    pub fn struck(&self) -> usize {
        self.shared.struck.load(Ordering::Relaxed)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.reset();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((client, _)) = listener.accept().await else { continue };
        let shared = Arc::clone(&shared);
        // Seen from now on, not from whenever the task first runs.
        let mut breaks = shared.breaks.subscribe();
        tokio::spawn(async move {
            shared.open.fetch_add(1, Ordering::Relaxed);
            tokio::select! {
                () = connection(client, &shared) => {}
                _ = breaks.changed() => {}
            }
            shared.open.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

async fn connection(client: TcpStream, shared: &Shared) {
    if shared.faults.borrow().refused {
        return abrupt(&client);
    }
    let Ok(server) = TcpStream::connect(shared.upstream).await else { return abrupt(&client) };
    for stream in [&client, &server] {
        drop(stream.set_nodelay(true));
        // Whatever ends this connection before both sides have said goodbye ends it with RST.
        abrupt(stream);
    }
    let silent = watch::Sender::new(false);
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    let there = Pump { shared, silent: &silent, outward: true };
    let back = Pump { shared, silent: &silent, outward: false };
    let both = async {
        tokio::try_join!(there.run(&mut from_client, &mut to_server), back.run(&mut from_server, &mut to_client))
    };
    drop(both.await);
}

fn abrupt(stream: &TcpStream) {
    drop(SockRef::from(stream).set_linger(Some(Duration::ZERO)));
}

/// The connection is to break.
struct Broken;

struct Pump<'s> {
    shared: &'s Shared,
    silent: &'s watch::Sender<bool>,
    outward: bool,
}

impl Pump<'_> {
    async fn run(&self, from: &mut (impl AsyncRead + Unpin), to: &mut (impl AsyncWrite + Unpin)) -> Result<(), Broken> {
        let mut faults = self.shared.faults.subscribe();
        let mut silent = self.silent.subscribe();
        let mut buffer = vec![0; 16 * 1024];
        let mut passed = 0;
        loop {
            let count = from.read(&mut buffer).await.map_err(|_| Broken)?;
            let now = faults.wait_for(|faults| !faults.held).await.map_err(|_| Broken)?.to_owned();
            if !self.outward {
                // A connection that fell silent says nothing more to its client, not even goodbye.
                drop(silent.wait_for(|silent| !silent).await);
            }
            if count == 0 {
                return to.shutdown().await.map_err(|_| Broken);
            }
            let piece = &mut buffer[..count];
            self.delay(&now, count).await;
            let struck = now.at.filter(|at| self.outward && self.strikes(at, piece));
            if struck.is_some_and(|at| at.then == Then::Lose) {
                return Err(Broken);
            }
            if struck.is_some() {
                // Before the word is delivered: its answer must not be quicker.
                self.silent.send_replace(true);
            }
            if !self.outward {
                self.corrupt(now.corrupt_one_in, piece);
                passed += piece.len() as u64;
                if now.cut_after > 0 && passed > now.cut_after {
                    self.shared.struck.fetch_add(1, Ordering::Relaxed);
                    return Err(Broken);
                }
            }
            to.write_all(piece).await.map_err(|_| Broken)?;
            if struck.is_some_and(|at| at.then == Then::LoseAnswer) {
                // The other side is given time to act on it.
                sleep(Duration::from_millis(60)).await;
                return Err(Broken);
            }
        }
    }

    async fn delay(&self, faults: &Faults, bytes: usize) {
        let sending = match faults.bandwidth {
            0 => Duration::ZERO,
            bandwidth => Duration::from_secs_f64(bytes as f64 / bandwidth as f64),
        };
        let delay = faults.latency + sending;
        if !delay.is_zero() {
            sleep(delay).await;
        }
    }

    fn strikes(&self, at: &At, piece: &[u8]) -> bool {
        let said = piece.windows(at.word.len()).any(|word| word == at.word);
        let struck = said && self.one_in(at.one_in);
        self.shared.struck.fetch_add(usize::from(struck), Ordering::Relaxed);
        struck
    }

    fn corrupt(&self, one_in: u32, piece: &mut [u8]) {
        if one_in == 0 || !self.one_in(one_in) {
            return;
        }
        let mut chance = self.shared.chance.lock().unwrap();
        let (place, bit) = (chance.random_range(0..piece.len()), chance.random_range(0..8));
        piece[place] ^= 1 << bit;
        self.shared.struck.fetch_add(1, Ordering::Relaxed);
    }

    fn one_in(&self, many: u32) -> bool {
        self.shared.chance.lock().unwrap().random_range(0..many.max(1)) == 0
    }
}
