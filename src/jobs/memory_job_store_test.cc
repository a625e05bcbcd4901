#include "jobs/memory_job_store.h"

#include "jobs/job_store_contract.h"

namespace gpen::jobs {
namespace {

struct MemoryMaker {
  std::unique_ptr<JobStore> Make(const JobStoreOptions& options, const Clock& clock,
                                 JobFiles& files) {
    return std::make_unique<MemoryJobStore>(options, clock, files);
  }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, JobStoreContract, MemoryMaker);

}  // namespace
}  // namespace gpen::jobs
