//! SOAP headers beside the session (WSDL 66.0, message `Header`).

use std::fmt;

use crate::wire::xml::{element, flag};

/// Information about the caller (WSDL 66.0, `CallOptions`). Only sent if the
/// [`Endpoint`](crate::Endpoint) has it: the WSDL requires all three members, and two of them have
/// no meaning outside of Salesforce's own pages.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallOptions {
    /// The client's name, such as `eca/1.0`.
    pub client: String,
    /// Not explained in the WSDL.
    pub perf_option: PerfOption,
    /// An id that correlates calls of one page.
    pub ui_request_id: String,
}

impl CallOptions {
    /// The options of a client with this name, with neutral values for the other members.
    pub fn new(client: impl Into<String>) -> Self {
        Self {
            client: client.into(),
            perf_option: PerfOption::None,
            ui_request_id: String::new(),
        }
    }
}

/// What the org logs during a deploy (WSDL 66.0, `DebuggingHeader`). The log is in
/// [`DeployResult::debug_log`](crate::DeployResult::debug_log). Over SOAP only.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Debugging {
    /// The level of each category. Takes precedence over `level`.
    pub categories: Vec<(LogCategory, LogCategoryLevel)>,
    /// The older, single level, which the WSDL requires.
    pub level: LogType,
}

impl Debugging {
    /// This level, without categories.
    pub fn new(level: LogType) -> Self {
        Self {
            categories: Vec::new(),
            level,
        }
    }
}

macro_rules! enumeration {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self {
                    $(Self::$variant => $text,)*
                })
            }
        }
    };
}

enumeration! {
    /// WSDL 66.0, `PerfOption`.
    PerfOption {
        /// Nothing special.
        None = "NONE",
        /// The least.
        Minimum = "MINIMUM",
    }
}

enumeration! {
    /// WSDL 66.0, `LogCategory`.
    LogCategory {
        /// Database.
        Db = "Db",
        /// Workflows and flows.
        Workflow = "Workflow",
        /// Validation rules.
        Validation = "Validation",
        /// Callouts.
        Callout = "Callout",
        /// Apex.
        ApexCode = "Apex_code",
        /// Apex limits and timings.
        ApexProfiling = "Apex_profiling",
        /// Visualforce.
        Visualforce = "Visualforce",
        /// System methods.
        System = "System",
        /// CRM Analytics.
        Wave = "Wave",
        /// Next best action.
        Nba = "Nba",
        /// Data access.
        DataAccess = "Data_access",
        /// Everything.
        All = "All",
    }
}

enumeration! {
    /// WSDL 66.0, `LogCategoryLevel`.
    LogCategoryLevel {
        /// Nothing.
        None = "None",
        /// Everything.
        Finest = "Finest",
        /// Almost everything.
        Finer = "Finer",
        /// Much.
        Fine = "Fine",
        /// Debug statements.
        Debug = "Debug",
        /// Milestones.
        Info = "Info",
        /// Warnings.
        Warn = "Warn",
        /// Errors.
        Error = "Error",
    }
}

enumeration! {
    /// WSDL 66.0, `LogType`.
    LogType {
        /// No log, unless there are categories.
        None = "None",
        /// Debug statements.
        DebugOnly = "Debugonly",
        /// Database too.
        Db = "Db",
        /// Profiling too.
        Profiling = "Profiling",
        /// Callouts too.
        Callout = "Callout",
        /// Everything.
        Detail = "Detail",
    }
}

/// The headers of one call.
#[derive(Clone, Copy, Default)]
pub(crate) struct Headers<'a> {
    pub(crate) debugging: Option<&'a Debugging>,
    pub(crate) all_or_none: Option<bool>,
}

impl Headers<'_> {
    pub(crate) fn all_or_none(all_or_none: bool) -> Self {
        Self {
            all_or_none: Some(all_or_none),
            ..Self::default()
        }
    }

    pub(crate) fn write(self, options: Option<&CallOptions>, xml: &mut String) {
        if let Some(debugging) = self.debugging {
            xml.push_str("<DebuggingHeader>");
            for (category, level) in &debugging.categories {
                xml.push_str("<categories>");
                element(xml, "category", &category.to_string());
                element(xml, "level", &level.to_string());
                xml.push_str("</categories>");
            }
            element(xml, "debugLevel", &debugging.level.to_string());
            xml.push_str("</DebuggingHeader>");
        }
        if let Some(options) = options {
            xml.push_str("<CallOptions>");
            element(xml, "client", &options.client);
            element(xml, "perfOption", &options.perf_option.to_string());
            element(xml, "uiRequestId", &options.ui_request_id);
            xml.push_str("</CallOptions>");
        }
        if let Some(all_or_none) = self.all_or_none {
            xml.push_str("<AllOrNoneHeader>");
            element(xml, "allOrNone", flag(all_or_none));
            xml.push_str("</AllOrNoneHeader>");
        }
    }
}
