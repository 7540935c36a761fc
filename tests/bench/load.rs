//! A closed-loop load over keep-alive connections: prepared bytes out, answers counted. The same for our API and for peers.

use std::{
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::LocalSet,
};

/// Connections of a measurement.
pub const CONNECTIONS: usize = 32;

/// What comes before a measurement and is not counted: statements are prepared, plans are made and caches are filled then.
pub const WARM: Duration = Duration::from_secs(2);

/// What a measurement gave.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// Answers with success.
    pub good: u64,
    /// Answers that refuse with 429 and say when to come back.
    pub refused: u64,
    /// Any other answer.
    pub errors: u64,
    /// How long it took.
    pub seconds: f64,
    /// Latencies in microseconds, sorted.
    latencies: Vec<u32>,
}

impl Run {
    /// All answers.
    pub fn answers(&self) -> u64 {
        self.good + self.refused + self.errors
    }

    /// Answers a second.
    pub fn per_second(&self) -> f64 {
        self.answers() as f64 / self.seconds
    }

    /// A percentile of the latency, in milliseconds.
    pub fn percentile(&self, percent: usize) -> f64 {
        percentile(&self.latencies, percent)
    }
}

/// A percentile of sorted microseconds, in milliseconds.
pub fn percentile(sorted: &[u32], percent: usize) -> f64 {
    let last = sorted.len().saturating_sub(1);
    f64::from(sorted.get(last * percent / 100).copied().unwrap_or_default()) / 1000.0
}

/// One answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: String,
}

/// When a load ends.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// After a time.
    Seconds(u64),
    /// After so many answers over all connections, without warming up.
    Answers(usize),
}

/// Runs the requests in turn on every connection. `counting` is called when warming up is over.
pub async fn run(
    address: SocketAddr,
    requests: &Rc<Vec<Vec<u8>>>,
    connections: usize,
    until: Until,
    counting: impl FnOnce(),
) -> anyhow::Result<Run> {
    let begun = Instant::now();
    let (warm, each) = match until {
        Until::Seconds(_) => (WARM, usize::MAX),
        Until::Answers(all) => (Duration::ZERO, all.div_ceil(connections)),
    };
    let end =
        if let Until::Seconds(seconds) = until { begun + WARM + Duration::from_secs(seconds) } else { far(begun) };
    let workers = LocalSet::new();
    let tasks: Vec<_> = (0..connections)
        .map(|worker| {
            let work = Work { address, requests: Rc::clone(requests), from: begun + warm, end, each };
            workers.spawn_local(work.run(worker * 127))
        })
        .collect();
    let mut all = Run::default();
    workers
        .run_until(async {
            tokio::time::sleep_until((begun + warm).into()).await;
            counting();
            for task in tasks {
                let part = task.await??;
                all.good += part.good;
                all.refused += part.refused;
                all.errors += part.errors;
                all.latencies.extend(part.latencies);
            }
            anyhow::Ok(())
        })
        .await?;
    all.seconds = (begun + warm).elapsed().as_secs_f64();
    all.latencies.sort_unstable();
    Ok(all)
}

fn far(from: Instant) -> Instant {
    from + Duration::from_secs(600)
}

struct Work {
    address: SocketAddr,
    requests: Rc<Vec<Vec<u8>>>,
    from: Instant,
    end: Instant,
    each: usize,
}

impl Work {
    async fn run(self, start: usize) -> anyhow::Result<Run> {
        let mut stream = connect(self.address).await?;
        let (mut buffer, mut run) = (Vec::with_capacity(64 * 1024), Run::default());
        for index in (start..).take(self.each) {
            let begun = Instant::now();
            if begun >= self.end {
                break;
            }
            stream.write_all(&self.requests[index % self.requests.len()]).await?;
            let head = read(&mut stream, &mut buffer).await?;
            if begun >= self.from {
                run.latencies.push(u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX));
                match head.status {
                    200..300 => run.good += 1,
                    429 if head.retry_after => run.refused += 1,
                    _ => run.errors += 1,
                }
            }
        }
        Ok(run)
    }
}

async fn connect(address: SocketAddr) -> anyhow::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Sends one request on a connection of its own.
pub async fn ask(address: SocketAddr, request: &[u8]) -> anyhow::Result<Answer> {
    let mut stream = connect(address).await?;
    stream.write_all(request).await?;
    let mut buffer = Vec::new();
    let head = read(&mut stream, &mut buffer).await?;
    let body = String::from_utf8(buffer.split_off(head.length))?;
    let body = if head.chunked { unchunked(&body)? } else { body };
    Ok(Answer { status: head.status, body })
}

struct Head {
    status: u16,
    length: usize,
    body: usize,
    retry_after: bool,
    chunked: bool,
}

/// Reads one answer, whole, into the buffer.
async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<Head> {
    buffer.clear();
    let head = loop {
        ensure!(stream.read_buf(buffer).await? > 0, "the server closed the connection");
        if let Some(length) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break parse(&buffer[..length])?;
        }
    };
    let whole = |buffer: &[u8]| match head.chunked {
        true => buffer.ends_with(b"0\r\n\r\n"),
        false => buffer.len() >= head.length + head.body,
    };
    while !whole(buffer) {
        ensure!(stream.read_buf(buffer).await? > 0, "the server closed the connection");
    }
    Ok(head)
}

fn parse(head: &[u8]) -> anyhow::Result<Head> {
    let text = std::str::from_utf8(head)?;
    let status = text.get(9..12).and_then(|digits| digits.parse().ok()).context("a status")?;
    let mut parsed = Head { status, length: head.len() + 4, body: 0, retry_after: false, chunked: false };
    for (name, value) in text.lines().skip(1).filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            parsed.body = value.trim().parse()?;
        } else if name.eq_ignore_ascii_case("retry-after") {
            parsed.retry_after = true;
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            parsed.chunked = true;
        }
    }
    Ok(parsed)
}

fn unchunked(mut text: &str) -> anyhow::Result<String> {
    let mut body = String::new();
    loop {
        let (size, rest) = text.split_once("\r\n").context("a chunk")?;
        let size = usize::from_str_radix(size, 16)?;
        if size == 0 {
            return Ok(body);
        }
        body.push_str(rest.get(..size).context("a whole chunk")?);
        text = rest.get(size + 2..).context("a chunk's end")?;
    }
}
