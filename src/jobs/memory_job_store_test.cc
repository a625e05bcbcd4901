#include "jobs/job_bin_contract_testing.h"
#include "jobs/job_person_contract_testing.h"
#include "jobs/job_store_contract_testing.h"
#include "jobs/memory_job_store_testing.h"

namespace gpen::jobs {
namespace {

struct MemoryMaker {
  std::unique_ptr<JobStore> Make(const JobStoreOptions& options, const Clock& clock,
                                 JobFiles& files) {
    return MakeMemoryJobStore(options, clock, files);
  }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, JobStoreContract, MemoryMaker);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, JobBinContract, MemoryMaker);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, JobPersonContract, MemoryMaker);

}  // namespace
}  // namespace gpen::jobs
