//! Provides rounds: every source of a vantage read once makes one sample, then its events.

use std::io;
use std::time::{Duration, Instant};

use capture::tcp_fold::TcpFold;
use jiff::Timestamp;
use model::reading::GapKind;
use model::row::{Row, Sample, SourceCost};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::event_page::EventPage;
use crate::log_rows::{Httperr, IisLog};
use crate::log_tail::Tail;
use crate::observe::Vantage;
use crate::origin::Origin;
use crate::os::Local;
use crate::pages;
use crate::reading::{Reading, told};
use crate::scrape::Page;
use crate::source::SourceSpec;

/// A page has no longer than this, however rare the rounds are.
const PAGE_WITHIN_MAX: Duration = Duration::from_secs(2);

/// What share of the time between rounds a page may take: one that hangs must not cost the others
/// their next round.
const PAGE_SHARE: f64 = 0.8;

/// The sources of a vantage, opened.
#[derive(Debug)]
pub struct Round {
    vantage: String,
    sources: Vec<(String, Source)>,
    page_within: Duration,
    runtime: Runtime,
}

/// One source, opened.
#[derive(Debug)]
enum Source {
    Local(Box<Local>),
    Httperr(Box<Tail<Httperr>>),
    IisLog(Box<Tail<IisLog>>),
    /// The page is away while it is being fetched.
    Page(PageKind, String, Option<Page>),
}

/// How a page's text is understood.
#[derive(Debug)]
enum PageKind {
    Exporter,
    Netstat(Box<TcpFold>),
    Poolmon,
    EventLog(EventPage),
}

/// What a source gave, and how long it took.
type Given = (Reading, Duration);

impl Round {
    /// Opens the sources. A page may take 80 % of the time between rounds, 2 s at most. An error where this
    /// process can have no event loop.
    pub fn open(vantage: Vantage, every: Duration) -> io::Result<Self> {
        let open = |spec: &SourceSpec| match spec {
            SourceSpec::Local => {
                Source::Local(Box::new(Local::open(vantage.destination, vantage.narrowed)))
            }
            SourceSpec::Httperr(path) => Source::Httperr(Box::new(Tail::new(path.clone()))),
            SourceSpec::IisLog(path) => Source::IisLog(Box::new(Tail::new(path.clone()))),
            SourceSpec::EventLogPage(url) => {
                Source::Page(PageKind::EventLog(EventPage::default()), url.clone(), None)
            }
            SourceSpec::WindowsExporter(url) => Source::Page(PageKind::Exporter, url.clone(), None),
            SourceSpec::PoolmonPage(url) => Source::Page(PageKind::Poolmon, url.clone(), None),
            SourceSpec::NetstatPage(url) => {
                Source::Page(PageKind::Netstat(Box::default()), url.clone(), None)
            }
        };
        Ok(Self {
            sources: vantage.sources.iter().map(|spec| (spec.to_string(), open(spec))).collect(),
            vantage: vantage.name,
            page_within: every.mul_f64(PAGE_SHARE).min(PAGE_WITHIN_MAX),
            runtime: Builder::new_current_thread().enable_io().enable_time().build()?,
        })
    }

    /// Reads every source once: the sample first, then the events, by their time.
    pub fn rows(&mut self, origin: &Origin) -> Vec<Row> {
        let mut given = Vec::with_capacity(self.sources.len());
        let sample = Sample {
            t_s: origin.elapsed_s(),
            wall: format!("{:.9}", Timestamp::now()),
            vantage: self.vantage.clone(),
            ..Sample::default()
        };
        for (name, (reading, took)) in self.read() {
            given.push((SourceCost { name, took_ms: took.as_secs_f64() * 1e3 }, reading));
        }
        told(sample, given, origin)
    }

    /// What each source gave, in the order in which they were named.
    fn read(&mut self) -> Vec<(String, Given)> {
        let mut texts = fetch(&self.runtime, &mut self.sources, self.page_within);
        let mut given = Vec::with_capacity(self.sources.len());
        for (at, (name, source)) in self.sources.iter_mut().enumerate() {
            let started = Instant::now();
            let (reading, fetched_in) = match source {
                Source::Local(local) => (local.read(), Duration::ZERO),
                Source::Httperr(tail) => (tail.read(name), Duration::ZERO),
                Source::IisLog(tail) => (tail.read(name), Duration::ZERO),
                Source::Page(kind, ..) => match texts[at].take() {
                    Some((Ok(text), took)) => (kind.read(name, &text), took),
                    Some((Err(told), took)) => {
                        (Reading::missing(name.as_str(), GapKind::Failed, told), took)
                    }
                    None => {
                        let told = "the page was not fetched";
                        (Reading::missing(name.as_str(), GapKind::Failed, told), Duration::ZERO)
                    }
                },
            };
            given.push((name.clone(), (reading, fetched_in + started.elapsed())));
        }
        given
    }
}

impl PageKind {
    fn read(&mut self, source: &str, text: &str) -> Reading {
        match self {
            Self::Exporter => pages::exporter(source, text),
            Self::Netstat(fold) => pages::netstat(source, text, fold),
            Self::Poolmon => pages::poolmon(source, text),
            Self::EventLog(page) => page.read(source, text),
        }
    }
}

/// A page's text or why there is none, and how long it took.
type Fetched = (Result<String, String>, Duration);

/// Fetches all pages at once, so that one that hangs does not make the others late. The answer has
/// the place of its source.
fn fetch(
    runtime: &Runtime,
    sources: &mut [(String, Source)],
    within: Duration,
) -> Vec<Option<Fetched>> {
    let mut texts: Vec<Option<Fetched>> = sources.iter().map(|_| None).collect();
    runtime.block_on(async {
        let mut pages = JoinSet::new();
        for (at, (_, source)) in sources.iter_mut().enumerate() {
            let Source::Page(_, url, page) = source else { continue };
            let mut page = page.take().unwrap_or_else(|| Page::new(url));
            pages.spawn(async move {
                let started = Instant::now();
                let got = page.get(within).await;
                (at, page, got.map_err(|e| e.to_string()), started.elapsed())
            });
        }
        while let Some(done) = pages.join_next().await {
            let Ok((at, fetched, got, took)) = done else { continue };
            texts[at] = Some((got, took));
            if let (_, Source::Page(_, _, page)) = &mut sources[at] {
                *page = Some(fetched);
            }
        }
    });
    texts
}
