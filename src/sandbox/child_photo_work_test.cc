// The processes for photos themselves: this program starts itself as one.
#include "sandbox/child_photo_work.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <thread>

#include "base/program_path.h"
#include "base/source_folder.h"
#include "codec/encode.h"
#include "codec/pictures_testing.h"
#include "restore/local_photo_work.h"
#include "sandbox/channel.h"
#include "sandbox/photo_child.h"
#include "sandbox/photo_messages.h"

namespace gpen::sandbox {
namespace {

constexpr const char* kChildArgument = "--photo-process";
constexpr const char* kBusyArgument = "--busy-process";

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryCanFail = false;  // A sanitizer ends the program instead.
#else
constexpr bool kMemoryCanFail = true;
#endif

std::vector<std::byte> DrawFile(int side) {
  std::vector<std::string> warnings;
  return *codec::Encode(
      codec::MakePhoto(codec::DrawPicture<std::uint8_t>(side, side, 3), codec::Format::kPng), {},
      &warnings);
}

// A process that is ready, and then computes without an end.
int RunBusyChild() {
  const pid_t parent = ::getppid();
  Channel channel{Descriptor(ChildProcess::kSocket)};
  const auto setup = channel.Receive(Milliseconds(60'000));
  if (!setup || !*setup || !channel.Send(WriteReady({}).text)) return 1;
  while (::getppid() == parent) {
  }
  return 1;
}

// All processes that this one has started, which is the one that works now.
void KillChildren() {
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream children(thread.path() / "children");
    for (pid_t child = 0; children >> child;) ::kill(child, SIGSEGV);
  }
}

class ChildPhotoWorkTest : public testing::Test {
 protected:
  void SetUp() override {
    options_.command = {ProgramPath().string(), kChildArgument};
    options_.restorer.models_folder = SourceFolder() / "models";
    auto started = ChildPhotoWork::Start(options_);
    if (!started && started.error().code() == ErrorCode::kModelMissing) {
      GTEST_SKIP() << "needs the installed networks: " << started.error().message();
    }
    ASSERT_TRUE(started) << started.error().message();
    work_ = *std::move(started);
  }

  ChildOptions options_;
  std::unique_ptr<ChildPhotoWork> work_;
};

TEST_F(ChildPhotoWorkTest, DoesWhatThisProcessWouldDo) {
  const auto local = restore::LocalPhotoWork::Create(options_.restorer);
  ASSERT_TRUE(local);
  const auto here = (*local)->networks();
  EXPECT_EQ(work_->networks().names, here.names);
  EXPECT_EQ(work_->networks().faces_fingerprint, here.faces_fingerprint);
  const auto photo = DrawFile(256);
  restore::RestoreWork restore{"face.png", photo, {}};
  restore.options.aligned = true;
  std::vector<restore::Step> steps;
  const auto restored =
      work_->Restore(restore, {}, [&](restore::Step step, int, int) { steps.push_back(step); });
  const auto expected = (*local)->Restore(restore, {}, {});
  ASSERT_TRUE(restored) << restored.error().message();
  ASSERT_TRUE(expected);
  EXPECT_EQ(restored->file, expected->file);
  EXPECT_EQ(restored->faces, expected->faces);
  EXPECT_EQ(restored->before_preview, expected->before_preview);
  EXPECT_EQ(restored->figures.width, 256);
  EXPECT_TRUE(restored->figures.restored_anything);
  EXPECT_GT(restored->figures.times.network_ms, 0);
  ASSERT_FALSE(steps.empty());
  EXPECT_EQ(steps.front(), restore::Step::kDecode);

  restore::BlendWork blend{photo, restored->faces, {0}, restore.options, "a model"};
  const auto blended = work_->Blend(blend);
  ASSERT_TRUE(blended) << blended.error().message();
  EXPECT_EQ(blended->file, photo) << "every face is left alone";
  EXPECT_EQ(*work_->Preview(photo), *(*local)->Preview(photo));
  EXPECT_EQ(*work_->ForBrowsers(photo), *(*local)->ForBrowsers(photo));
}

TEST_F(ChildPhotoWorkTest, TellsThePhotosOwnErrors) {
  auto photo = DrawFile(256);
  photo.resize(photo.size() / 2);
  EXPECT_EQ(work_->Restore({"half.png", photo, {}}, {}, {}).error().code(),
            ErrorCode::kCorruptImage);
  EXPECT_EQ(work_->idle_processes().size(), 1U) << "the process lives on";
}

TEST_F(ChildPhotoWorkTest, TriesAgainWhereAProcessDiesAndGivesUpTheSecondTime) {
  const auto photo = DrawFile(256);
  int killed = 0;
  const auto kill_at_begin = [&](int times) {
    return [&killed, times](restore::Step step, int, int) {
      if (step != restore::Step::kDetect || killed >= times) return;
      ++killed;
      KillChildren();
    };
  };
  EXPECT_TRUE(work_->Restore({"photo.png", photo, {}}, {}, kill_at_begin(1)));
  EXPECT_EQ(killed, 1);
  killed = 0;
  const auto deadly = work_->Restore({"photo.png", photo, {}}, {}, kill_at_begin(9));
  ASSERT_FALSE(deadly);
  EXPECT_EQ(killed, 2);
  EXPECT_EQ(deadly.error().code(), ErrorCode::kCorruptImage);
  EXPECT_TRUE(work_->Restore({"photo.png", photo, {}}, {}, {})) << "everything else goes on";
}

TEST_F(ChildPhotoWorkTest, ADeadProcessThatWaitedIsReplacedWithoutBlamingThePhoto) {
  for (const pid_t pid : work_->idle_processes()) ::kill(pid, SIGKILL);
  EXPECT_TRUE(work_->Restore({"photo.png", DrawFile(128), {}}, {}, {}));
}

TEST_F(ChildPhotoWorkTest, StopsWithinSeconds) {
  std::stop_source stop;
  const auto stopped = work_->Restore({"photo.png", DrawFile(2000), {}}, stop.get_token(),
                                      [&](restore::Step, int, int) { stop.request_stop(); });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code(), ErrorCode::kCancelled);
}

TEST_F(ChildPhotoWorkTest, EndsAProcessThatNobodyNeeds) {
  options_.keep_idle = Milliseconds(10);
  const auto work = ChildPhotoWork::Start(options_);
  ASSERT_TRUE(work);
  for (int i = 0; i < 500 && !(*work)->idle_processes().empty(); ++i) {
    std::this_thread::sleep_for(Milliseconds(10));
  }
  EXPECT_TRUE((*work)->idle_processes().empty());
  EXPECT_TRUE((*work)->Preview(DrawFile(64))) << "a new one is started";
}

TEST(PhotoProcess, RefusesMemoryAboveItsAllowanceAndLives) {
  if (!kMemoryCanFail) GTEST_SKIP() << "a sanitizer's memory does not fail on request";
  const auto command = std::vector<std::string>{ProgramPath().string(), kChildArgument};
  auto process = PhotoProcess::Start(command, {{}, false});
  ASSERT_TRUE(process) << process.error().message();
  const auto photo = DrawFile(3000);
  const auto request = WritePicture(Request::kPreview, photo);
  auto allowance = AllowanceFor(9'000'000, 1);
  allowance.memory_bytes = 4 << 20;
  auto answer = process->Ask(request, allowance, {}, {});
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_FALSE(ReadFilePart(*std::move(answer)));
  answer = process->Ask(request, AllowanceFor(9'000'000, 1), {}, {});
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_TRUE(ReadFilePart(*std::move(answer))) << "with enough memory it is done";
}

TEST(PhotoProcess, IsNotWaitedForBeyondItsTime) {
  const auto command = std::vector<std::string>{ProgramPath().string(), kBusyArgument};
  auto process = PhotoProcess::Start(command, {{}, false});
  ASSERT_TRUE(process) << process.error().message();
  auto allowance = AllowanceFor(4'096, 1);
  allowance.decoding = Milliseconds(100);
  const auto late = process->Ask(WritePicture(Request::kPreview, DrawFile(64)), allowance, {}, {});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), ErrorCode::kImageTooLarge);
}

TEST(ChildPhotoWork, SaysThatTheNetworksAreMissing) {
  ChildOptions options;
  options.command = {ProgramPath().string(), kChildArgument};
  options.restorer.models_folder = "/nowhere";
  EXPECT_EQ(ChildPhotoWork::Start(options).error().code(), ErrorCode::kModelMissing);
}

}  // namespace
}  // namespace gpen::sandbox

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == gpen::sandbox::kChildArgument) {
    return gpen::sandbox::RunPhotoChild();
  }
  if (argc == 2 && std::string_view(argv[1]) == gpen::sandbox::kBusyArgument) {
    return gpen::sandbox::RunBusyChild();
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
