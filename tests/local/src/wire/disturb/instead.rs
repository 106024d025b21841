//! What reaches the caller of a disturbed call.

use crate::wire::disturb::{Damage, Foreign, Instead};
use crate::wire::loopback::{Answer, BodyError, NoAnswer, full};
use crate::wire::{Service, refusal};
use futures_util::{StreamExt as _, stream};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Bytes, Frame};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};

impl Instead {
    /// The answer, or the lack of one.
    pub(super) async fn play(self, service: Service) -> Result<Answer, NoAnswer> {
        match self {
            // Of a killed process the connection ends by itself, which drops this.
            Self::Kill | Self::Silence => std::future::pending().await,
            Self::Close => Err(NoAnswer),
            Self::Error(error) => Ok(refusal(service, &error)),
            Self::Foreign(foreign) => foreign.answer(),
        }
    }
}

impl Foreign {
    fn answer(self) -> Result<Answer, NoAnswer> {
        let mut answer = Response::new(full(self.body));
        *answer.status_mut() = StatusCode::from_u16(self.status).map_err(|_| NoAnswer)?;
        if !self.content_type.is_empty() {
            answer
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        }
        Ok(answer)
    }
}

impl Damage {
    /// Damages an answer.
    pub(crate) async fn done_to(self, answer: Answer) -> Result<Answer, NoAnswer> {
        let (mut head, body) = answer.into_parts();
        let whole = body.collect().await.map_err(|_| NoAnswer)?.to_bytes();
        let half = whole.slice(..whole.len() / 2);
        head.headers.remove(CONTENT_LENGTH);
        if matches!(self, Self::CutShort | Self::Stalled) {
            head.headers.insert(CONTENT_LENGTH, whole.len().into());
        }
        let body = match self {
            Self::Truncated => full(half),
            Self::CutShort | Self::CutChunks => {
                // The first half goes out while the body is not ready; an error right behind it would overtake it.
                let broken = async {
                    tokio::task::yield_now().await;
                    Err(BodyError::from(NoAnswer))
                };
                let rest = stream::once(broken);
                StreamBody::new(first(half).chain(rest)).boxed_unsync()
            }
            Self::Stalled => StreamBody::new(first(half).chain(stream::pending())).boxed_unsync(),
        };
        Ok(Response::from_parts(head, body))
    }
}

fn first(half: Bytes) -> impl futures_util::Stream<Item = Result<Frame<Bytes>, BodyError>> {
    stream::iter([Ok(Frame::data(half))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::loopback::answer;

    async fn damaged(damage: Damage) -> Answer {
        let whole = answer(StatusCode::OK, "text/plain", "0123456789");
        damage.done_to(whole).await.unwrap()
    }

    #[tokio::test]
    async fn a_truncated_answer_is_whole_to_http() {
        let truncated = damaged(Damage::Truncated).await;
        assert_eq!(truncated.headers().get(CONTENT_LENGTH), None);
        assert_eq!(truncated.into_body().collect().await.unwrap().to_bytes(), "01234");
    }

    #[tokio::test]
    async fn a_cut_answer_announces_more_than_comes() {
        let cut = damaged(Damage::CutShort).await;
        assert_eq!(cut.headers()[CONTENT_LENGTH], "10");
        let mut body = cut.into_body();
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(first, "01234");
        assert!(body.frame().await.unwrap().is_err());
    }
}
