//! A closed-loop load over keep-alive connections: prepared bytes out, answers counted.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Connections of a measurement.
pub const CONNECTIONS: usize = 32;

/// What a measurement gave.
#[derive(Debug, Clone)]
pub struct Run {
    /// Answers.
    pub requests: u64,
    /// Answers a second.
    pub per_second: f64,
    /// Latencies in microseconds, sorted.
    latencies: Vec<u32>,
}

impl Run {
    /// A percentile of the latency, in milliseconds.
    pub fn percentile(&self, percent: usize) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        f64::from(self.latencies.get(last * percent / 100).copied().unwrap_or_default()) / 1000.0
    }
}

/// The first request must be answered with success and data.
pub fn check(address: &SocketAddr, requests: &[Vec<u8>]) -> anyhow::Result<()> {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(address)?;
    stream.write_all(&requests[0])?;
    let mut answer = vec![0; 4096];
    let read = stream.read(&mut answer)?;
    let head = String::from_utf8_lossy(&answer[..read]);
    ensure!(head.starts_with("HTTP/1.1 20"), "the workload's first request is refused: {head}");
    Ok(())
}

/// Runs the requests in turn on every connection; anything but success makes the measurement void.
pub async fn run(address: &SocketAddr, requests: &[Vec<u8>], connections: usize, seconds: u64) -> anyhow::Result<Run> {
    let requests = Arc::new(requests.to_vec());
    let warm_until = Instant::now() + Duration::from_millis(500);
    let until = warm_until + Duration::from_secs(seconds);
    let address = *address;
    let workers: Vec<_> = (0..connections)
        .map(|worker| tokio::spawn(work(address, Arc::clone(&requests), worker * 61, warm_until, until)))
        .collect();
    let mut latencies = Vec::new();
    for worker in workers {
        latencies.extend(worker.await??);
    }
    latencies.sort_unstable();
    let count = latencies.len() as u64;
    Ok(Run { requests: count, per_second: count as f64 / seconds as f64, latencies })
}

async fn work(
    address: SocketAddr,
    requests: Arc<Vec<Vec<u8>>>,
    start: usize,
    warm_until: Instant,
    until: Instant,
) -> anyhow::Result<Vec<u32>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut buffer, mut latencies) = (Vec::with_capacity(64 * 1024), Vec::new());
    for index in start.. {
        let begun = Instant::now();
        if begun >= until {
            break;
        }
        stream.write_all(&requests[index % requests.len()]).await?;
        answer(&mut stream, &mut buffer).await?;
        if begun >= warm_until {
            latencies.push(u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX));
        }
    }
    Ok(latencies)
}

/// Reads one answer with a content length.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<()> {
    buffer.clear();
    loop {
        ensure!(stream.read_buf(buffer).await? > 0, "the server closed the connection");
        let Some(head) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&buffer[..head])?;
        if !text.starts_with("HTTP/1.1 20") {
            bail!("refused: {}", String::from_utf8_lossy(buffer));
        }
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")).context("a content length")?;
        let end = head + 4 + length.trim().parse::<usize>()?;
        while buffer.len() < end {
            ensure!(stream.read_buf(buffer).await? > 0, "the server closed the connection");
        }
        return Ok(());
    }
}
