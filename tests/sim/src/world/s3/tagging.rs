//! Object tags.

use crate::world::error::{AwsError, CallError};
use crate::world::operation::Operation;
use crate::world::s3::Version;
use crate::world::s3::objects::{no_such_key, no_such_version};
use crate::world::{Call, Tags, World};
use jiff::Timestamp;

/// Tags per object.
const TAGS_MAX: usize = 10;
/// Longest key and value of a tag, in characters.
const KEY_MAX: usize = 128;
const VALUE_MAX: usize = 256;

/// An object, or one version of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectRef {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// A version; the current one unless given.
    pub version_id: Option<String>,
}

impl World {
    /// `PutObjectTagging`: replaces all tags.
    pub fn put_object_tagging(
        &mut self,
        object: &ObjectRef,
        tags: &Tags,
        now: Timestamp,
    ) -> Result<(), CallError> {
        self.tagging(Operation::PutObjectTagging, object, now, |current| {
            check_tags(tags)?;
            current.clone_from(tags);
            Ok(())
        })
    }

    /// `GetObjectTagging`.
    pub fn get_object_tagging(&mut self, object: &ObjectRef, now: Timestamp) -> Result<Tags, CallError> {
        self.tagging(Operation::GetObjectTagging, object, now, |current| {
            Ok(current.clone())
        })
    }

    /// `DeleteObjectTagging`: removes all tags.
    pub fn delete_object_tagging(&mut self, object: &ObjectRef, now: Timestamp) -> Result<(), CallError> {
        self.tagging(Operation::DeleteObjectTagging, object, now, |current| {
            current.clear();
            Ok(())
        })
    }

    fn tagging<T>(
        &mut self,
        operation: Operation,
        object: &ObjectRef,
        now: Timestamp,
        run: impl FnOnce(&mut Tags) -> Result<T, AwsError>,
    ) -> Result<T, CallError> {
        let argument = format!("{}/{}", object.bucket, object.key);
        self.call(
            &Call {
                operation,
                argument: &argument,
                now,
            },
            |world| run(world.tags_of_object(object)?),
        )
    }

    fn tags_of_object(&mut self, object: &ObjectRef) -> Result<&mut Tags, AwsError> {
        let versions = self.s3.existing_mut(&object.bucket)?.objects.get_mut(&object.key);
        let mut newest_first = versions.into_iter().flatten().rev();
        let version: Option<&mut Version> = match &object.version_id {
            Some(id) => newest_first.find(|version| version.id == *id),
            None => newest_first.next().filter(|version| version.blob.is_some()),
        };
        let missing = || {
            object
                .version_id
                .as_deref()
                .map_or_else(|| no_such_key(&object.key), no_such_version)
        };
        let version = version.ok_or_else(missing)?;
        if version.blob.is_none() {
            return Err(AwsError::new(
                405,
                "MethodNotAllowed",
                "The specified version is a delete marker.",
            ));
        }
        Ok(&mut version.tags)
    }
}

pub(crate) fn check_tags(tags: &Tags) -> Result<(), AwsError> {
    if tags.len() > TAGS_MAX {
        return Err(AwsError::bad_request(
            "BadRequest",
            "Object tags cannot be greater than 10",
        ));
    }
    let length = |text: &String| text.chars().count();
    let fits =
        |key: &String, value: &String| (1..=KEY_MAX).contains(&length(key)) && length(value) <= VALUE_MAX;
    match tags
        .iter()
        .find(|(key, value)| !fits(key, value) || key.starts_with("aws:"))
    {
        None => Ok(()),
        Some((key, _)) => Err(AwsError::bad_request(
            "InvalidTag",
            format!("The tag `{key}` is not allowed."),
        )),
    }
}
