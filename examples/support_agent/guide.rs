//! The guide: Markdown pages, cut at their headings, in a full-text index.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::{fs, io};

use rusqlite::{Connection, params};
use serde::Serialize;

/// A match in a heading is worth more than one in the text. In the order of the columns; the page's name is no text.
const FIND: &str = "\
    SELECT page, title, heading, text, -bm25(passages, 0.0, 2.0, 4.0, 1.0) AS score
    FROM passages WHERE passages MATCH ?1 ORDER BY score DESC LIMIT ?2";
const CREATE: &str = "\
    CREATE VIRTUAL TABLE passages
    USING fts5(page UNINDEXED, title, heading, text, tokenize = 'porter unicode61')";
const INSERT: &str = "INSERT INTO passages (page, title, heading, text) VALUES (?1, ?2, ?3, ?4)";

/// Words that are in every question and say nothing of its topic.
const FILLERS: [&str; 48] = [
    "a", "about", "am", "an", "and", "any", "are", "as", "at", "be", "but", "by", "can", "do", "does", "for",
    "from", "have", "how", "i", "if", "in", "is", "it", "me", "my", "not", "of", "on", "or", "please", "so",
    "that", "the", "there", "they", "this", "to", "was", "we", "what", "when", "where", "which", "why",
    "with", "you", "your",
];

/// One section of one page.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Passage {
    pub(crate) page: String,
    pub(crate) title: String,
    pub(crate) heading: String,
    pub(crate) text: String,
    /// How well it fits the question; more is better.
    pub(crate) score: f64,
}

impl fmt::Display for Passage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} › {}", self.page, self.heading)
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum GuideError {
    #[error("the guide in {} cannot be read", .0.display())]
    Read(PathBuf, #[source] io::Error),
    #[error("there is no Markdown page in {}", .0.display())]
    Empty(PathBuf),
    #[error("the index of the guide failed")]
    Index(#[from] rusqlite::Error),
    #[error("the search was interrupted")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// The index. Clones share it.
#[derive(Clone)]
pub(crate) struct Guide {
    index: Arc<Mutex<Connection>>,
}

impl Guide {
    /// Reads all `.md` pages of a directory.
    pub(crate) fn read(directory: &Path) -> Result<Self, GuideError> {
        let pages = pages(directory).map_err(|error| GuideError::Read(directory.to_owned(), error))?;
        if pages.is_empty() {
            return Err(GuideError::Empty(directory.to_owned()));
        }
        let mut index = Connection::open_in_memory()?;
        fill(&mut index, &pages)?;
        Ok(Self { index: Arc::new(Mutex::new(index)) })
    }

    /// Finds the passages that fit a question best. SQLite blocks, so it runs on a thread for that.
    pub(crate) async fn search(&self, question: String, limit: u32) -> Result<Vec<Passage>, GuideError> {
        let index = Arc::clone(&self.index);
        galtea::spawn_blocking(move || {
            let index = index.lock().unwrap_or_else(PoisonError::into_inner);
            search_guide(&index, &question, limit)
        })
        .await?
    }
}

/// Finds the passages of the guide that fit a question best, ranked by BM25.
#[galtea::trace(type = "RETRIEVER", docs, skip(index), metadata(index = "fts5", ranking = "bm25"))]
fn search_guide(index: &Connection, question: &str, limit: u32) -> Result<Vec<Passage>, GuideError> {
    let query = full_text_query(question);
    galtea::current_trace().set_metadata("query", &query);
    if query.is_empty() {
        return Ok(Vec::new());
    }
    let mut find = index.prepare_cached(FIND)?;
    let found = find.query_map(params![query, limit], |row| {
        Ok(Passage {
            page: row.get(0)?,
            title: row.get(1)?,
            heading: row.get(2)?,
            text: row.get(3)?,
            score: row.get(4)?,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Any of the question's words, each in quotes: what people type must not be taken for the index's query language.
fn full_text_query(question: &str) -> String {
    let lower = question.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric());
    let told = words.filter(|word| !word.is_empty() && !FILLERS.contains(word));
    told.map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" OR ")
}

struct Page {
    name: String,
    text: String,
}

fn pages(directory: &Path) -> io::Result<Vec<Page>> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            pages.push(Page { name, text: fs::read_to_string(&path)? });
        }
    }
    // The order of a directory is anyone's guess; equal scores should not be.
    pages.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(pages)
}

fn fill(index: &mut Connection, pages: &[Page]) -> Result<(), GuideError> {
    let transaction = index.transaction()?;
    transaction.execute(CREATE, [])?;
    for page in pages {
        let sections = sections(&page.text);
        let title = sections.first().map_or("", |section| section.heading);
        for section in &sections {
            transaction.execute(INSERT, params![page.name, title, section.heading, section.text.trim()])?;
        }
    }
    Ok(transaction.commit()?)
}

struct Section<'page> {
    heading: &'page str,
    text: String,
}

/// A line that begins with `#` is a heading, except in a fenced block, where it may be code.
fn sections(page: &str) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    let mut fenced = false;
    for line in page.lines() {
        fenced ^= line.starts_with("```");
        match line.strip_prefix('#') {
            Some(heading) if !fenced => sections
                .push(Section { heading: heading.trim_start_matches('#').trim(), text: String::new() }),
            _ => {
                if let Some(section) = sections.last_mut() {
                    section.text.push_str(line);
                    section.text.push('\n');
                }
            }
        }
    }
    sections.retain(|section| !section.text.trim().is_empty());
    sections
}
