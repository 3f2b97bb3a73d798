//! The other simulator: madsim with three servers and three clients that send and echo 16 bytes, one
//! after the other, over its simulated network (1 to 10 ms a hop).

/// Messages a second of processor time, each request and each echo counted; `None` where the bench
/// was built without madsim.
#[cfg(not(madsim))]
pub fn messages_per_second(_messages: u64) -> Option<f64> {
    None
}

/// Messages a second of processor time, each request and each echo counted.
#[cfg(madsim)]
pub fn messages_per_second(messages: u64) -> Option<f64> {
    use madsim::net::Endpoint;
    use madsim::runtime::{Handle, Runtime};
    use std::net::SocketAddr;

    use crate::clock::Stopwatch;

    const PAIRS: u64 = 3;
    let runtime = Runtime::new();
    let rounds = messages / (2 * PAIRS);
    let watch = Stopwatch::start();
    runtime.block_on(async move {
        let handle = Handle::current();
        let mut clients = Vec::new();
        for pair in 1..=PAIRS {
            let server: SocketAddr = format!("10.0.0.{pair}:1").parse().ok()?;
            let node = handle.create_node().ip(server.ip()).build();
            node.spawn(async move {
                let endpoint = Endpoint::bind(server).await?;
                let mut bytes = [0u8; 16];
                loop {
                    let (length, from) = endpoint.recv_from(1, &mut bytes).await?;
                    endpoint.send_to(from, 2, &bytes[..length]).await?;
                }
                #[allow(unreachable_code, reason = "gives the task its type")]
                Ok::<(), std::io::Error>(())
            });
            let client: SocketAddr = format!("10.0.1.{pair}:1").parse().ok()?;
            let node = handle.create_node().ip(client.ip()).build();
            clients.push(node.spawn(async move {
                let endpoint = Endpoint::bind(client).await?;
                // Lets every server bind first.
                madsim::time::sleep(std::time::Duration::from_millis(20)).await;
                let mut bytes = [7u8; 16];
                for _ in 0..rounds {
                    endpoint.send_to(server, 1, &bytes).await?;
                    endpoint.recv_from(2, &mut bytes).await?;
                }
                Ok::<(), std::io::Error>(())
            }));
        }
        for client in clients {
            client.await.ok()?.ok()?;
        }
        Some(())
    })?;
    Some((rounds * 2 * PAIRS) as f64 / watch.seconds())
}
