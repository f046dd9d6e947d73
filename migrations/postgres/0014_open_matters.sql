-- What is still open with a customer: plans, and promises that are not done. A profile reads both, and without these
-- indexes it walks through every conversation and promise the customer ever had.

create index conversations_planned on conversations (tenant_id, customer, start_time, name)
  where state = 'PLANNED' and delete_time is null;
create index promises_open on promises (tenant_id, customer, due_time, name)
  where done_time is null and delete_time is null;
