-- wrk: replays the requests of the file BENCH_REQUESTS in order; a line is host, tab, path, tab, token.
local requests, at = {}, 0
for line in io.lines(os.getenv("BENCH_REQUESTS")) do
  local host, path, token = line:match("^(.-)\t(.-)\t(.-)$")
  requests[#requests + 1] = wrk.format("GET", path, { Host = host, Authorization = "Bearer " .. token })
end
request = function()
  at = at % #requests + 1
  return requests[at]
end
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
