//! The recorder of figures in Prometheus' format.

use std::{sync::OnceLock, thread, time::Duration};

use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

/// Upper bounds of the buckets of every histogram, in seconds: from a read out of the cache to a statement
/// that times out.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// How often single samples are folded into the buckets. Without it they pile up until somebody asks for the
/// figures.
const UPKEEP: Duration = Duration::from_secs(5);

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// The figures of this process, to be rendered at `/metrics`. The first call sets up the recording, further
/// ones get the same figures: they belong to the process, also where tests start the program several times in
/// it.
pub fn metrics() -> PrometheusHandle {
    HANDLE.get_or_init(install).clone()
}

fn install() -> PrometheusHandle {
    let recorder = recorder().unwrap_or_else(|error| {
        tracing::error!(%error, "histograms are without buckets");
        PrometheusBuilder::new().build_recorder()
    });
    let handle = recorder.handle();
    if let Err(error) = metrics::set_global_recorder(recorder) {
        tracing::error!(%error, "the figures stay empty");
    }
    let upkeep = handle.clone();
    let started = thread::Builder::new().name("metrics".into()).spawn(move || {
        loop {
            thread::sleep(UPKEEP);
            upkeep.run_upkeep();
        }
    });
    if let Err(error) = started {
        tracing::error!(%error, "the figures take up memory until they are asked for");
    }
    handle
}

fn recorder() -> Result<PrometheusRecorder, BuildError> {
    Ok(PrometheusBuilder::new().set_buckets(SECONDS)?.build_recorder())
}
