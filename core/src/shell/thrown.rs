//! Java's exceptions as the tools print them: class, message, cause, suppressed ones.
//!
//! Simplified: stack traces are printed without their frames (`at …`).

use crate::admin::AdminError;
use crate::protocol::ErrorCode;

const ERRORS: &str = "org.apache.kafka.common.errors.";

/// An exception on its way up through a tool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Thrown {
    /// With its package.
    pub class: String,
    /// `getMessage()`.
    pub message: String,
    /// `getCause()`.
    pub cause: Option<Box<Thrown>>,
    /// `getSuppressed()`.
    pub suppressed: Vec<Thrown>,
}

impl Thrown {
    pub fn new(class: &str, message: impl Into<String>) -> Self {
        Self { class: class.into(), message: message.into(), cause: None, suppressed: Vec::new() }
    }

    /// `java.lang.IllegalArgumentException`
    pub fn argument(message: impl Into<String>) -> Self {
        Self::new("java.lang.IllegalArgumentException", message)
    }

    /// `AdminCommandFailedException`
    pub fn command_failed(message: impl Into<String>) -> Self {
        Self::new("org.apache.kafka.server.common.AdminCommandFailedException", message)
    }

    /// `AdminOperationException`
    pub fn operation(message: impl Into<String>) -> Self {
        Self::new("org.apache.kafka.server.common.AdminOperationException", message)
    }

    /// The exception of an error code.
    pub fn of_code(code: ErrorCode, message: &str) -> Self {
        let message = if message.is_empty() { code.message() } else { message };
        Self::new(&format!("{ERRORS}{}", code.exception()), message)
    }

    /// What a call of the admin client failed with.
    pub fn of_admin(error: &AdminError) -> Self {
        let class = match ErrorCode::by_name(&error.name) {
            Some(code) => format!("{ERRORS}{}", code.exception()),
            None if &*error.name == "IllegalArgumentException" => format!("java.lang.{}", error.name),
            None => format!("{ERRORS}{}", error.name),
        };
        Self::new(&class, error.message.clone())
    }

    /// `ExecutionException`: what `KafkaFuture.get` throws.
    pub fn execution(cause: Self) -> Self {
        Self::wrapped("java.util.concurrent.ExecutionException", cause)
    }

    /// An exception that is made of its cause alone.
    pub fn wrapped(class: &str, cause: Self) -> Self {
        let mut outer = Self::new(class, cause.text());
        outer.cause = Some(Box::new(cause));
        outer
    }

    /// `toString()`
    pub fn text(&self) -> String {
        format!("{}: {}", self.class, self.message)
    }

    /// The cause, or the exception itself where it has none.
    pub fn root(self) -> Self {
        match self.cause {
            Some(cause) => *cause,
            None => self,
        }
    }

    /// True if it is the exception of that code.
    pub fn is(&self, code: ErrorCode) -> bool {
        self.class.strip_prefix(ERRORS) == Some(code.exception())
    }

    /// `printStackTrace()`
    pub fn trace(&self) -> String {
        let mut text = self.text();
        for suppressed in &self.suppressed {
            text.push_str(&format!("\n\tSuppressed: {}", suppressed.text()));
        }
        let mut cause = self.cause.as_deref();
        while let Some(inner) = cause {
            text.push_str(&format!("\nCaused by: {}", inner.text()));
            cause = inner.cause.as_deref();
        }
        text
    }
}
