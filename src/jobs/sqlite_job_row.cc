#include "jobs/sqlite_job_row.h"

#include "jobs/sqlite_rows.h"

namespace gpen::jobs {

SqliteStatement& BindJob(SqliteStatement& statement, const Job& job) {
  return statement.Bind(EnumNumber(job.priority))
      .Bind(job.key)
      .Bind(job.name)
      .Bind(job.payload)
      .Bind(job.input_bytes)
      .Bind(Flag(job.input_deleted))
      .Bind(job.batch)
      .Bind(EnumNumber(job.state))
      .Bind(std::int64_t{job.attempts})
      .Bind(std::int64_t{job.max_attempts})
      .Bind(ToNumber(job.not_before))
      .Bind(Flag(job.cancel_requested))
      .Bind(job.owner)
      .Bind(job.fence)
      .Bind(ToNumber(job.lease_expires))
      .Bind(ToNumber(job.heartbeat))
      .Bind(job.step)
      .Bind(job.fraction)
      .Bind(job.result)
      .Bind(job.result_bytes)
      .Bind(Flag(job.cached))
      .Bind(job.twin)
      .Bind(job.error_code)
      .Bind(job.error_message)
      .Bind(ToNumber(job.created))
      .Bind(ToNumber(job.started))
      .Bind(ToNumber(job.finished))
      .Bind(Flag(job.removing))
      .Bind(std::int64_t{job.postponed})
      .Bind(ToNumber(job.binned))
      .Bind(Flag(job.pinned))
      .Bind(job.added_by);
}

Job ReadJob(SqliteStatement& row) {
  Job job;
  job.id = row.Integer();
  job.priority = static_cast<JobPriority>(row.Integer());
  job.key = row.Text();
  job.name = row.Text();
  job.payload = row.Text();
  job.input_bytes = row.Integer();
  job.input_deleted = row.Integer() != 0;
  job.batch = row.Integer();
  job.state = static_cast<JobState>(row.Integer());
  job.attempts = static_cast<int>(row.Integer());
  job.max_attempts = static_cast<int>(row.Integer());
  job.not_before = ToTime(row.Integer());
  job.cancel_requested = row.Integer() != 0;
  job.owner = row.Text();
  job.fence = row.Integer();
  job.lease_expires = ToTime(row.Integer());
  job.heartbeat = ToTime(row.Integer());
  job.step = row.Text();
  job.fraction = row.Real();
  job.result = row.Text();
  job.result_bytes = row.Integer();
  job.cached = row.Integer() != 0;
  job.twin = row.Integer();
  job.error_code = row.Text();
  job.error_message = row.Text();
  job.created = ToTime(row.Integer());
  job.started = ToTime(row.Integer());
  job.finished = ToTime(row.Integer());
  job.removing = row.Integer() != 0;
  job.postponed = static_cast<int>(row.Integer());
  job.binned = ToTime(row.Integer());
  job.pinned = row.Integer() != 0;
  job.added_by = row.Integer();
  return job;
}

}  // namespace gpen::jobs
