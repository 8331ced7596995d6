//! Objects in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::state::backend::{Backend, BackendError, ETag, Put};

/// Objects in memory, for tests and programs that need no state afterwards.
#[derive(Debug, Default)]
pub struct Memory {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Memory {
    fn objects(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys of all objects.
    pub fn keys(&self) -> Vec<String> {
        self.objects().keys().cloned().collect()
    }
}

impl Backend for Memory {
    async fn get(&self, key: &str) -> Result<Option<(Vec<u8>, ETag)>, BackendError> {
        let found = self.objects().get(key).cloned();
        Ok(found.map(|content| {
            let version = ETag::of(&content);
            (content, version)
        }))
    }

    async fn folders(&self) -> Result<Vec<String>, BackendError> {
        let objects = self.objects();
        let folders = objects.keys().filter_map(|key| key.split_once('/'));
        let folders: BTreeSet<_> = folders.map(|(folder, _)| folder.to_owned()).collect();
        Ok(folders.into_iter().collect())
    }

    async fn create(&self, key: &str, content: &[u8]) -> Result<Put, BackendError> {
        let mut objects = self.objects();
        if objects.contains_key(key) {
            return Ok(Put::Refused);
        }
        objects.insert(key.to_owned(), content.to_vec());
        Ok(Put::Stored(ETag::of(content)))
    }

    async fn replace(
        &self,
        key: &str,
        content: &[u8],
        version: &ETag,
    ) -> Result<Put, BackendError> {
        let mut objects = self.objects();
        let is_this = |before: &&mut Vec<u8>| ETag::of(before) == *version;
        let Some(object) = objects.get_mut(key).filter(is_this) else {
            return Ok(Put::Refused);
        };
        *object = content.to_vec();
        Ok(Put::Stored(ETag::of(content)))
    }

    async fn remove(&self, key: &str, version: &ETag) -> Result<(), BackendError> {
        let mut objects = self.objects();
        if objects
            .get(key)
            .is_some_and(|content| ETag::of(content) == *version)
        {
            objects.remove(key);
        }
        Ok(())
    }
}
