#include "celery/events.h"

#include <unistd.h>

#include <algorithm>

#include "celery/iso_time.h"
#include "celery/message.h"

namespace gpen::celery {

Events::Events(redis::Client* client, const Clock* clock, Keys keys, std::string worker)
    : client_(client), clock_(clock), keys_(std::move(keys)), worker_(std::move(worker)) {}

void Events::Adjust(std::int64_t seen) {
  auto now = tick_.load();
  while (now < seen && !tick_.compare_exchange_weak(now, seen)) {
  }
}

void Events::Send(const std::string& type, Json fields) {
  fields["hostname"] = worker_;
  fields["utcoffset"] = 0;
  fields["pid"] = ::getpid();
  fields["clock"] = Tick();
  fields["timestamp"] = UnixSeconds(clock_->Now());
  fields["type"] = type;
  NewMessage message;
  message.headers = Dump(Json{{"hostname", worker_}});
  message.body = Dump(fields);
  message.exchange = "celeryev";
  message.routing_key = type;
  std::ranges::replace(message.routing_key, '-', '.');
  // A monitor that misses one sees the next.
  [[maybe_unused]] const auto sent = client_->Run(
      {"PUBLISH", keys_.Channel("celeryev", message.routing_key), WriteMessage(message)});
}

void Events::SendOfTask(const std::string& type, Json fields) {
  if (tasks_) Send(type, std::move(fields));
}

}  // namespace gpen::celery
