//! What a request asks of the batch service.

use super::tasks::{Fate, Wanted};
use crate::contract::BatchType;
use crate::gateway::Refusal;
use crate::wire::Request;

/// What one of the two actions is asked to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Asked {
    /// `DescribeBatchResultCount`.
    Progress {
        /// Of which task.
        wanted: Wanted,
        /// In which language.
        language: Language,
    },
    /// `OperateBatchDomain`.
    Submission {
        /// Of which kind.
        batch: BatchType,
        /// What becomes of each entry.
        fates: Vec<Fate>,
    },
}

/// The language of texts for people.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Language {
    Chinese,
    English,
}

impl Asked {
    /// Reads the parameters of `action`.
    pub(super) fn read(request: &Request, action: &str) -> Result<Self, Refusal> {
        let parameters = Parameters(request);
        match action {
            "DescribeBatchResultCount" => parameters.progress(),
            "OperateBatchDomain" => parameters.submission(),
            _ => Err(unknown_action()),
        }
    }
}

struct Parameters<'r>(&'r Request);

impl Parameters<'_> {
    fn progress(&self) -> Result<Asked, Refusal> {
        let id = self.read("TaskId", |text| text.parse().ok())?;
        let batch = self.read("BatchType", BatchType::named)?;
        let language = if self.text("Lang").as_deref() == Some("en") { Language::English } else { Language::Chinese };
        Ok(Asked::Progress { wanted: Wanted { id, batch }, language })
    }

    fn submission(&self) -> Result<Asked, Refusal> {
        let batch = self.read("Type", BatchType::named)?.ok_or_else(|| missing("Type"))?;
        let entries = (1..=MOST_ENTRIES).take_while(|&number| self.has_entry(number));
        let fates = entries.map(|number| self.fate(number, batch)).collect::<Result<Vec<Fate>, Refusal>>()?;
        if fates.is_empty() {
            return Err(missing("DomainRecordInfo"));
        }
        Ok(Asked::Submission { batch, fates })
    }

    fn has_entry(&self, number: usize) -> bool {
        let prefix = field(number, "");
        self.0.parameters().iter().any(|one| one.name.starts_with(prefix.as_bytes()))
    }

    fn fate(&self, number: usize, batch: BatchType) -> Result<Fate, Refusal> {
        let needed: &[&str] = if batch == BatchType::RrAdd { &["Domain", "Rr", "Type", "Value"] } else { &["Domain"] };
        let absent = needed.iter().map(|name| field(number, name)).find(|name| self.text(name).is_none());
        if let Some(name) = absent {
            return Err(missing(&name));
        }
        let domain = self.text(&field(number, "Domain")).unwrap_or_default();
        Ok(if domain.ends_with(FAILING) { Fate::Fails } else { Fate::Succeeds })
    }

    /// The value under `name` as `parse` understands it; none where it is absent or empty.
    fn read<T>(&self, name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Refusal> {
        self.text(name).map(|text| parse(&text).ok_or_else(|| invalid(name))).transpose()
    }

    fn text(&self, name: &str) -> Option<String> {
        self.0.text(name).filter(|text| !text.is_empty())
    }
}

fn field(number: usize, name: &str) -> String {
    format!("DomainRecordInfo.{number}.{name}")
}

/// After the [documented](https://help.aliyun.com/en/document_detail/434846.html) pattern, read 2026-11-24.
fn invalid(name: &str) -> Refusal {
    Refusal::new(format!("Invalid{name}"), 400, format!("Specified parameter {name} is not valid."))
}

/// After the [documented](https://help.aliyun.com/en/document_detail/434846.html) pattern, read 2026-11-24.
fn missing(name: &str) -> Refusal {
    Refusal::new(format!("Missing{name}"), 400, format!("{name} is mandatory for this action."))
}

/// Where the gateway let it through because it only reports.
fn unknown_action() -> Refusal {
    Refusal::new("InvalidAction.NotFound", 404, "Specified api is not found, please check your url and method.")
}

/// [Documented](https://help.aliyun.com/document_detail/126817.html) for `OperateBatchDomain`; more are ignored.
const MOST_ENTRIES: usize = 1000;

/// [RFC 2606](https://www.rfc-editor.org/rfc/rfc2606) keeps it free of real domains.
const FAILING: &str = ".invalid";
