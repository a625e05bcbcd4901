#include "celery/message.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/inflate.h"
#include "celery/base64.h"
#include "celery/iso_time.h"

namespace gpen::celery {
namespace {

using Json = nlohmann::ordered_json;

Json Envelope(const std::string& body) {
  return {{"body", EncodeBase64(body)},
          {"content-encoding", "utf-8"},
          {"content-type", "application/json"},
          {"headers", {{"lang", "py"}, {"task", "gpen.restore"}, {"id", "1111"}}},
          {"properties", {{"body_encoding", "base64"}, {"delivery_tag", "5879"}}}};
}

constexpr const char* kBody = R"([["album:a.jpg"], {"strength": 50},
    {"callbacks": null, "errbacks": null, "chain": null, "chord": null}])";

TEST(Message, ReadsWhatCelerySends) {
  Json envelope = Envelope(kBody);
  envelope["headers"].update({{"eta", "2026-11-26T12:01:20.293219+01:00"},
                              {"expires", nullptr},
                              {"group", "g"},
                              {"group_index", 3},
                              {"retries", 2},
                              {"timelimit", {30, 20.5}},
                              {"ignore_result", true},
                              {"redelivered", true}});
  envelope["properties"]["priority"] = 6;
  const auto read = ReadMessage(envelope.dump());
  ASSERT_FALSE(read.refusal) << read.refusal->messages.front();
  EXPECT_EQ(read.task.id, "1111");
  EXPECT_EQ(read.task.name, "gpen.restore");
  EXPECT_EQ(read.task.args, R"(["album:a.jpg"])");
  EXPECT_EQ(read.task.kwargs, R"({"strength":50})");
  EXPECT_EQ(FormatIsoTime(*read.task.eta), "2026-11-26T11:01:20.293000+00:00");
  EXPECT_FALSE(read.task.expires);
  EXPECT_EQ(read.task.group_index, 3);
  EXPECT_EQ(read.task.retries, 2);
  EXPECT_EQ(read.task.hard_limit, 30);
  EXPECT_EQ(read.task.soft_limit, 20.5);
  EXPECT_TRUE(read.task.ignore_result);
  EXPECT_TRUE(read.task.redelivered);
  EXPECT_EQ(read.task.priority, 6);
  EXPECT_TRUE(read.task.chain.empty());
}

TEST(Message, NeedsNoHeaderButTheTask) {
  // As celery-node sends it: properties under other names.
  const Json envelope = {{"body", EncodeBase64(kBody)},
                         {"headers", {{"task", "gpen.restore"}, {"id", "1111"}}}};
  const auto read = ReadMessage(envelope.dump());
  EXPECT_FALSE(read.refusal);
  EXPECT_EQ(read.task.priority, 0);
  Json plain = envelope;
  plain["body"] = kBody;
  EXPECT_FALSE(ReadMessage(plain.dump()).refusal);
}

TEST(Message, ReadsProtocol1) {
  Json envelope = Envelope(R"({"task": "gpen.restore", "id": "2222", "args": ["album:a.jpg"],
                               "kwargs": {}, "retries": 1, "taskset": "g"})");
  envelope["headers"] = Json::object();
  const auto read = ReadMessage(envelope.dump());
  ASSERT_FALSE(read.refusal);
  EXPECT_EQ(read.task.id, "2222");
  EXPECT_EQ(read.task.retries, 1);
  EXPECT_EQ(read.task.group, "g");
}

std::string Packed(std::string_view body) { return std::string(AsText(Deflate(AsBytes(body)))); }

TEST(Message, ReadsWhatIsCompressed) {
  const std::string packed = Packed(kBody);
  Json envelope = Envelope(packed);
  envelope["headers"]["compression"] = "application/x-gzip";
  EXPECT_FALSE(ReadMessage(envelope.dump()).refusal);
  envelope["body"] = EncodeBase64(packed.substr(0, packed.size() / 2));
  const auto damaged = ReadMessage(envelope.dump());
  ASSERT_TRUE(damaged.refusal);
  EXPECT_EQ(damaged.task.id, "1111");  // Whoever waits hears of it.
  envelope["headers"]["compression"] = "application/x-bz2";
  const auto unknown = ReadMessage(envelope.dump());
  ASSERT_TRUE(unknown.refusal);
  EXPECT_EQ(unknown.refusal->type, "ContentDisallowed");
}

TEST(Message, InflatesNoMoreThanItMay) {
  Json envelope = Envelope(Packed(std::string(64 << 20, '\0')));
  envelope["headers"]["compression"] = "application/x-gzip";
  const auto read = ReadMessage(envelope.dump());
  ASSERT_TRUE(read.refusal);
  EXPECT_NE(read.refusal->messages.front().find("at most"), std::string::npos);
}

TEST(Message, RefusesPickle) {
  Json envelope = Envelope("\x80\x02}q\x00.");
  envelope["content-type"] = "application/x-python-serialize";
  const auto read = ReadMessage(envelope.dump());
  ASSERT_TRUE(read.refusal);
  EXPECT_EQ(read.refusal->type, "ContentDisallowed");
  EXPECT_EQ(read.refusal->module, "kombu.exceptions");
  EXPECT_EQ(read.task.id, "1111");
}

TEST(Message, RefusesWhatMakesNoSense) {
  std::string deep(1000, '[');
  deep += std::string(1000, ']');
  for (const std::string& body : {std::string("{}"), std::string("[1, 2]"), std::string("[[]]"),
                                  std::string("not json"), "[[" + deep + "], {}, {}]"}) {
    const auto read = ReadMessage(Envelope(body).dump());
    ASSERT_TRUE(read.refusal) << body.substr(0, 20);
    EXPECT_EQ(read.task.id, "1111");
  }
  for (const std::string& message :
       {std::string("[]"), std::string("{}"), std::string("1"), deep,
        std::string(R"({"headers": 1, "body": {}, "properties": []})"),
        std::string(R"({"headers": {"task": 1, "id": []}, "body": 4})")}) {
    EXPECT_TRUE(ReadMessage(message).refusal) << message.substr(0, 20);
  }
  Json envelope = Envelope(kBody);
  envelope["headers"]["eta"] = "tomorrow";
  EXPECT_TRUE(ReadMessage(envelope.dump()).refusal);
}

TEST(Message, WritesWhatItReads) {
  Task task;
  task.id = "3333";
  task.name = "gpen.restore";
  task.args = R"(["album:\u00e4.jpg"])";
  task.chain = R"([{"task":"next","args":[],"kwargs":{}}])";
  task.root_id = "1111";
  task.group = "g";
  task.group_index = 1;
  auto message = MessageFor(task, "gpen@nas");
  message.routing_key = "gpen";
  message.priority = 3;
  const auto text = WriteMessage(message);
  const auto read = ReadMessage(text);
  ASSERT_FALSE(read.refusal) << read.refusal->messages.front();
  EXPECT_EQ(read.task.id, "3333");
  EXPECT_EQ(read.task.chain, task.chain);
  EXPECT_EQ(read.task.root_id, "1111");
  EXPECT_EQ(read.task.group_index, 1);
  EXPECT_EQ(read.task.priority, 3);
  const auto properties = Json::parse(text)["properties"];
  EXPECT_EQ(properties["delivery_info"]["routing_key"], "gpen");
  EXPECT_EQ(properties["delivery_tag"].get<std::string>().size(), 32U);
}

TEST(Message, IsTriedAgainUnderAnotherTag) {
  Json envelope = Envelope(kBody);
  envelope["headers"]["redelivered"] = true;
  const auto eta = *ParseIsoTime("2026-11-26T12:00:00Z");
  const auto again = RetryOf(envelope.dump(), 2, eta);
  const auto read = ReadMessage(again);
  EXPECT_EQ(read.task.id, "1111");
  EXPECT_EQ(read.task.retries, 2);
  EXPECT_EQ(read.task.eta, eta);
  EXPECT_FALSE(read.task.redelivered);
  EXPECT_EQ(read.task.kwargs, R"({"strength":50})");
  EXPECT_NE(Json::parse(again)["properties"]["delivery_tag"], "5879");
}

TEST(Base64, GoesBothWays) {
  for (std::size_t size = 0; size < 20; ++size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 37 + 200);
    EXPECT_EQ(DecodeBase64(EncodeBase64(bytes)), bytes) << size;
  }
  EXPECT_EQ(EncodeBase64("Man"), "TWFu");
  EXPECT_EQ(DecodeBase64("TW\nE="), "Ma");
  for (const char* bad : {"T", "TW=E", "T===", "T*Fu", "TWE=="}) {
    EXPECT_FALSE(DecodeBase64(bad)) << bad;
  }
}

TEST(IsoTime, ReadsOffsetsAndFractions) {
  const auto noon = *ParseIsoTime("2026-11-26T12:00:00");
  EXPECT_EQ(FormatIsoTime(noon), "2026-11-26T12:00:00.000000+00:00");
  for (const char* same : {"2026-11-26T12:00:00Z", "2026-11-26 13:00:00.000000+01:00",
                           "2026-11-26T08:30:00-0330", "2026-11-26T12:00Z"}) {
    EXPECT_EQ(ParseIsoTime(same), noon) << same;
  }
  EXPECT_EQ(ParseIsoTime("2026-11-26T12:00:00.5"), noon + Milliseconds(500));
  for (const char* bad : {"", "2026-11-26", "2026-13-26T12:00:00", "2026-02-30T12:00:00",
                          "2026-11-26T25:00:00", "2026-11-26T12:00:00+1", "2026-11-26T12:00:00x"}) {
    EXPECT_FALSE(ParseIsoTime(bad)) << bad;
  }
}

}  // namespace
}  // namespace gpen::celery
