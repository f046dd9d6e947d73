//! The handlers of a resource's service: seven standard methods, written once.
//!
//! A service lists its methods by name, so that a search for `create_promise` finds it, with what only it has: the
//! fields of its requests and answers, whether a delete takes `force`, and its special methods, each of them a function
//! that takes the store and the request. A service that creates in a way of its own lists `create` as a special one.
//!
//! This is what PromiseService lists, and what comes of it:
//!
//! ```text
//! standard_methods! {
//!     impl PromiseService for Promises {
//!         create: create_promise(CreatePromiseRequest { promise, promise_id }) -> Promise;
//!         get: get_promise(GetPromiseRequest) -> Promise;
//!         batch_get: batch_get_promises(BatchGetPromisesRequest) -> BatchGetPromisesResponse { promises };
//!         list: list_promises(ListPromisesRequest) -> ListPromisesResponse { promises };
//!         update: update_promise(UpdatePromiseRequest { promise }) -> Promise;
//!         delete: delete_promise(DeletePromiseRequest) -> Promise;
//!         undelete: undelete_promise(UndeletePromiseRequest) -> Promise;
//!     }
//! }
//!
//! /// The handlers of the service.
//! #[derive(Clone)]
//! pub struct Promises {
//!     /// The store it works on.
//!     pub db: Db,
//! }
//!
//! #[tonic::async_trait]
//! impl PromiseService for Promises {
//!     async fn create_promise(&self, request: Request<pb::CreatePromiseRequest>) -> Answer<pb::Promise> {
//!         let (call, message) = begin_call(&self.db, request).await?;
//!         let options = write_options(&self.db, &message, &message.request_id, message.validate_only);
//!         standard::create(&self.db, call, message.promise, &message.promise_id, options).await
//!     }
//!
//!     async fn get_promise(&self, request: Request<pb::GetPromiseRequest>) -> Answer<pb::Promise> {
//!         let (call, message) = begin_call(&self.db, request).await?;
//!         standard::get(&self.db, call, &message.name, message.read_mask.as_ref()).await
//!     }
//!
//!     async fn batch_get_promises(
//!         &self,
//!         request: Request<pb::BatchGetPromisesRequest>,
//!     ) -> Answer<pb::BatchGetPromisesResponse> {
//!         let (call, message) = begin_call(&self.db, request).await?;
//!         let found = standard::batch_get(&self.db, call, &message.names, message.read_mask.as_ref()).await;
//!         answer_with(found, |promises| pb::BatchGetPromisesResponse { promises })
//!     }
//!
//!     async fn list_promises(
//!         &self,
//!         request: Request<pb::ListPromisesRequest>,
//!     ) -> Answer<pb::ListPromisesResponse> {
//!         let (call, message) = begin_call(&self.db, request).await?;
//!         let list = List {
//!             bound_to: bound_to(&self.db, &call, &message)?,
//!             page_size: message.page_size,
//!             page_token: &message.page_token,
//!             filter: &message.filter,
//!             order_by: &message.order_by,
//!             show_deleted: message.show_deleted,
//!         };
//!         let listed = standard::list(&self.db, call, list, message.read_mask.as_ref()).await;
//!         answer_with(listed, |(promises, next_page_token)| pb::ListPromisesResponse {
//!             promises,
//!             next_page_token,
//!         })
//!     }
//!
//!     async fn update_promise(&self, request: Request<pb::UpdatePromiseRequest>) -> Answer<pb::Promise> {
//!         let (call, message) = begin_call(&self.db, request).await?;
//!         let options = write_options(&self.db, &message, &message.request_id, message.validate_only);
//!         let update = Update {
//!             resource: message.promise,
//!             mask: message.update_mask.as_ref(),
//!             allow_missing: message.allow_missing,
//!             options,
//!         };
//!         standard::update::update(&self.db, call, update).await
//!     }
//!
//!     async fn delete_promise(&self, request: Request<pb::DeletePromiseRequest>) -> Answer<pb::Promise> {
//!         let (call, message) = begin_call(&self.db, request).await?;
//!         let options = write_options(&self.db, &message, &message.request_id, message.validate_only);
//!         let delete = Delete {
//!             name: &message.name,
//!             etag: message.etag,
//!             force: false, // `message.force` where the service lists `DeleteCustomerRequest { force }`
//!             allow_missing: message.allow_missing,
//!             options,
//!         };
//!         standard::delete(&self.db, call, delete).await
//!     }
//!
//!     async fn undelete_promise(&self, request: Request<pb::UndeletePromiseRequest>) -> Answer<pb::Promise> {
//!         let (call, message) = begin_call(&self.db, request).await?;
//!         let options = write_options(&self.db, &message, &message.request_id, message.validate_only);
//!         standard::undelete(&self.db, call, &message.name, message.etag, options).await
//!     }
//!
//!     // A special method, such as `special: match_personas(MatchPersonasRequest) -> MatchPersonasResponse =
//!     // persona_match::match_personas`:
//!     async fn match_personas(
//!         &self,
//!         request: Request<pb::MatchPersonasRequest>,
//!     ) -> Answer<pb::MatchPersonasResponse> {
//!         persona_match::match_personas(&self.db, request).await
//!     }
//! }
//! ```

/// Writes the handlers of a resource's service; see the top of this file.
macro_rules! standard_methods {
    (
        impl $service:ident for $handlers:ident {
            $(
                create: $create:ident($create_request:ident { $created:ident, $id:ident })
                    -> $create_response:ident;
            )?
            get: $get:ident($get_request:ident) -> $get_response:ident;
            batch_get: $batch_get:ident($batch_get_request:ident)
                -> $batch_get_response:ident { $batch:ident };
            list: $list:ident($list_request:ident) -> $list_response:ident { $listed:ident };
            update: $update:ident($update_request:ident { $updated:ident }) -> $update_response:ident;
            delete: $delete:ident($delete_request:ident $({ $force:ident })?)
                -> $delete_response:ident;
            undelete: $undelete:ident($undelete_request:ident) -> $undelete_response:ident;
            $(
                special: $special:ident($special_request:ident)
                    -> $special_response:ident = $answer:path;
            )*
        }
    ) => {
        /// The handlers of the service.
        #[derive(Clone)]
        pub struct $handlers {
            /// The store it works on.
            pub db: $crate::store::engine::db::Db,
        }

        #[tonic::async_trait]
        impl $service for $handlers {
            $(
                async fn $create(
                    &self,
                    request: tonic::Request<$crate::pb::$create_request>,
                ) -> $crate::service::Answer<$crate::pb::$create_response> {
                    let (call, message) = $crate::service::begin_call(&self.db, request).await?;
                    let options = $crate::service::write_options(
                        &self.db,
                        &message,
                        &message.request_id,
                        message.validate_only,
                    );
                    $crate::service::standard::create(
                        &self.db,
                        call,
                        message.$created,
                        &message.$id,
                        options,
                    )
                    .await
                }
            )?

            async fn $get(
                &self,
                request: tonic::Request<$crate::pb::$get_request>,
            ) -> $crate::service::Answer<$crate::pb::$get_response> {
                let (call, message) = $crate::service::begin_call(&self.db, request).await?;
                let read_mask = message.read_mask.as_ref();
                $crate::service::standard::get(&self.db, call, &message.name, read_mask).await
            }

            async fn $batch_get(
                &self,
                request: tonic::Request<$crate::pb::$batch_get_request>,
            ) -> $crate::service::Answer<$crate::pb::$batch_get_response> {
                let (call, message) = $crate::service::begin_call(&self.db, request).await?;
                let read_mask = message.read_mask.as_ref();
                let found =
                    $crate::service::standard::batch_get(&self.db, call, &message.names, read_mask)
                        .await;
                $crate::service::standard::answer_with(found, |$batch| {
                    $crate::pb::$batch_get_response { $batch }
                })
            }

            async fn $list(
                &self,
                request: tonic::Request<$crate::pb::$list_request>,
            ) -> $crate::service::Answer<$crate::pb::$list_response> {
                let (call, message) = $crate::service::begin_call(&self.db, request).await?;
                let list = $crate::service::standard::pages::List {
                    bound_to: $crate::service::standard::pages::bound_to(
                        &self.db, &call, &message,
                    )?,
                    page_size: message.page_size,
                    page_token: &message.page_token,
                    filter: &message.filter,
                    order_by: &message.order_by,
                    show_deleted: message.show_deleted,
                };
                let read_mask = message.read_mask.as_ref();
                let listed =
                    $crate::service::standard::list(&self.db, call, list, read_mask).await;
                $crate::service::standard::answer_with(listed, |($listed, next_page_token)| {
                    $crate::pb::$list_response { $listed, next_page_token }
                })
            }

            async fn $update(
                &self,
                request: tonic::Request<$crate::pb::$update_request>,
            ) -> $crate::service::Answer<$crate::pb::$update_response> {
                let (call, message) = $crate::service::begin_call(&self.db, request).await?;
                let options = $crate::service::write_options(
                    &self.db,
                    &message,
                    &message.request_id,
                    message.validate_only,
                );
                let update = $crate::service::standard::update::Update {
                    resource: message.$updated,
                    mask: message.update_mask.as_ref(),
                    allow_missing: message.allow_missing,
                    options,
                };
                $crate::service::standard::update::update(&self.db, call, update).await
            }

            async fn $delete(
                &self,
                request: tonic::Request<$crate::pb::$delete_request>,
            ) -> $crate::service::Answer<$crate::pb::$delete_response> {
                let (call, message) = $crate::service::begin_call(&self.db, request).await?;
                let options = $crate::service::write_options(
                    &self.db,
                    &message,
                    &message.request_id,
                    message.validate_only,
                );
                let delete = $crate::service::standard::Delete {
                    name: &message.name,
                    etag: message.etag,
                    force: false $(|| message.$force)?,
                    allow_missing: message.allow_missing,
                    options,
                };
                $crate::service::standard::delete(&self.db, call, delete).await
            }

            async fn $undelete(
                &self,
                request: tonic::Request<$crate::pb::$undelete_request>,
            ) -> $crate::service::Answer<$crate::pb::$undelete_response> {
                let (call, message) = $crate::service::begin_call(&self.db, request).await?;
                let options = $crate::service::write_options(
                    &self.db,
                    &message,
                    &message.request_id,
                    message.validate_only,
                );
                $crate::service::standard::undelete(
                    &self.db,
                    call,
                    &message.name,
                    message.etag,
                    options,
                )
                .await
            }

            $(
                async fn $special(
                    &self,
                    request: tonic::Request<$crate::pb::$special_request>,
                ) -> $crate::service::Answer<$crate::pb::$special_response> {
                    $answer(&self.db, request).await
                }
            )*
        }
    };
}
pub(crate) use standard_methods;
