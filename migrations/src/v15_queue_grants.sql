-- Who serves a queue says how far it is; whose an entry is and what it asks for is said once, by who queues it.
REVOKE UPDATE ON platform.outbox FROM keystead_worker, keystead_platform;
GRANT UPDATE (attempts, next_at, last_error, parked_at) ON platform.outbox TO keystead_worker, keystead_platform;
REVOKE DELETE ON platform.outbox FROM keystead_platform;
REVOKE UPDATE ON platform.share_tasks FROM keystead_worker;
GRANT UPDATE (attempts, next_at, last_error) ON platform.share_tasks TO keystead_worker;
