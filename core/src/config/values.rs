//! What was set, checked against a registry; and the macro that reads structs from it.

use crate::collections::BTreeMap;
use std::rc::Rc;

use super::{ConfigError, ConfigKind};
use crate::ids::Name;

/// Settings of one registry. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Values {
    kind: ConfigKind,
    set: Rc<BTreeMap<Name, Name>>,
}

impl Values {
    /// Checks and keeps what was set; of a key set twice the last one holds.
    pub(super) fn new(kind: ConfigKind, entries: &[(Name, Name)]) -> Result<Self, ConfigError> {
        let mut set = BTreeMap::new();
        for (name, value) in entries {
            kind.check(name, value)?;
            set.insert(name.clone(), value.clone());
        }
        Ok(Self { kind, set: Rc::new(set) })
    }

    /// Nothing was set.
    pub(super) fn empty(kind: ConfigKind) -> Self {
        Self { kind, set: Rc::default() }
    }

    /// Texts that were checked elsewhere.
    pub(super) fn of_map(kind: ConfigKind, set: BTreeMap<Name, Name>) -> Self {
        Self { kind, set: Rc::new(set) }
    }

    /// The text in force: what was set, otherwise Kafka's default, `None` for null.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.set.get(name) {
            Some(value) => Some(value.as_str()),
            None => self.kind.find(name)?.default,
        }
    }

    /// True if somebody set it.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.set.contains_key(name)
    }

    /// What was set, by key.
    pub(super) fn set(&self) -> &BTreeMap<Name, Name> {
        &self.set
    }

    /// Every key of the registry with the text in force and whether it is the default.
    pub(super) fn describe(&self) -> Vec<(Name, Name, bool)> {
        let text = |name: &str| self.text(name).unwrap_or("").into();
        self.kind.defs().map(|def| (def.name.into(), text(def.name), !self.is_set(def.name))).collect()
    }
}

/// A struct whose fields are keys of a registry.
macro_rules! config_struct {
    ($(#[$meta:meta])* $name:ident, $kind:expr, { $($field:ident : $type:ty = $key:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub struct $name {
            values: $crate::config::values::Values,
            $(
                #[doc = concat!("`", $key, "`")]
                pub $field: $type,
            )*
        }

        impl $name {
            /// The keys that the simulation obeys; others are checked and have no effect here.
            pub const OBEYED: &'static [&'static str] = &[$($key,)*];

            fn read(values: $crate::config::values::Values) -> Self {
                use $crate::config::value::FromText;
                Self { $($field: FromText::from_text(values.text($key)),)* values }
            }

            /// Every key with the text in force and whether it is Kafka's default.
            pub fn describe(&self) -> Vec<($crate::ids::Name, $crate::ids::Name, bool)> {
                self.values.describe()
            }

            /// What was set, by key.
            pub fn entries(&self) -> &crate::collections::BTreeMap<$crate::ids::Name, $crate::ids::Name> {
                self.values.set()
            }

            /// True if somebody set this key.
            pub fn is_set(&self, key: &str) -> bool {
                self.values.is_set(key)
            }
        }
    };
}

pub(super) use config_struct;
