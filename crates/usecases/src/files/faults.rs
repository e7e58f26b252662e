//! What is wrong with a file, in the words of [`UseCaseError`].

use domain::files::{ContentFault, DailyAllowance, NameFault, PictureFault};
use ports::files::{BlobError, ImageError};

use crate::error::{RETRY_AFTER, UseCaseError};

impl From<BlobError> for UseCaseError {
    fn from(error: BlobError) -> Self {
        Self::Unavailable { retry_after: RETRY_AFTER, cause: Box::new(error) }
    }
}

impl From<ContentFault> for UseCaseError {
    fn from(fault: ContentFault) -> Self {
        let message = fault.to_string();
        match fault {
            ContentFault::Empty | ContentFault::TooManyPixels => Self::field("file", message),
            ContentFault::Unsupported
            | ContentFault::Active
            | ContentFault::Damaged(_)
            | ContentFault::Bomb => Self::UnsupportedContent { message: message.into() },
        }
    }
}

impl From<NameFault> for UseCaseError {
    fn from(fault: NameFault) -> Self {
        Self::UnsupportedContent { message: fault.to_string().into() }
    }
}

impl From<PictureFault> for UseCaseError {
    fn from(fault: PictureFault) -> Self {
        match fault {
            PictureFault::Unsupported => {
                Self::UnsupportedContent { message: format!("A picture {fault}").into() }
            }
            PictureFault::TooLarge | PictureFault::Damaged => Self::field("file", fault.to_string()),
        }
    }
}

impl From<ImageError> for UseCaseError {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Busy => Self::Unavailable { retry_after: RETRY_AFTER, cause: Box::new(error) },
            ImageError::Refused(fault) => fault.into(),
            ImageError::Failed(_) => Self::Internal(Box::new(error)),
        }
    }
}

impl From<DailyAllowance> for UseCaseError {
    fn from(allowance: DailyAllowance) -> Self {
        Self::impossible("daily_upload_limit", None, &allowance)
    }
}
