#include "federation/allowed_hosts.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

namespace firn::federation {
namespace {

AllowedHosts hosts(std::string_view exceptions, std::vector<std::string> addresses = {}) {
  auto made = AllowedHosts::create(exceptions, [addresses](const std::string&) {
    return Result<std::vector<std::string>>(addresses);
  });
  EXPECT_TRUE(made.ok());
  return *std::move(made);
}

TEST(AllowedHosts, what_leads_back_to_the_machine_or_its_cloud_is_refused) {
  const auto strict = hosts("");
  for (const char* address :
       {"127.0.0.1", "127.1.2.3", "0.0.0.0", "::1", "::", "169.254.169.254", "fe80::1", "224.0.0.1",
        "255.255.255.255", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
        "64:ff9b::7f00:1", "2002:7f00:1::", "fd00:ec2::254", "100.100.100.200", "168.63.129.16"}) {
    const auto found = strict.resolve(address);
    ASSERT_FALSE(found.ok()) << address;
    EXPECT_EQ(found.error().code(), ErrorCode::kPermissionDenied) << address;
  }
}

TEST(AllowedHosts, other_machines_are_allowed_private_networks_too) {
  const auto strict = hosts("");
  for (const char* address : {"10.1.2.3", "192.168.0.9", "8.8.8.8", "2001:db8::1", "fd12::1"}) {
    const auto found = strict.resolve(address);
    ASSERT_TRUE(found.ok()) << address;
    EXPECT_EQ(*found, address);
  }
}

TEST(AllowedHosts, a_name_is_what_it_resolves_to_all_of_it) {
  EXPECT_EQ(*hosts("", {"10.0.0.1", "10.0.0.2"}).resolve("db.example.org"), "10.0.0.1");
  EXPECT_EQ(hosts("", {"10.0.0.1", "127.0.0.1"}).resolve("db.example.org").error().code(),
            ErrorCode::kPermissionDenied);
  EXPECT_EQ(hosts("", {"fe80::1%eth0"}).resolve("db.example.org").error().code(),
            ErrorCode::kPermissionDenied);
  EXPECT_EQ(hosts("", {}).resolve("db.example.org").error().code(), ErrorCode::kUnavailable);
}

TEST(AllowedHosts, the_setting_opens_networks_and_nothing_beside_them) {
  const auto open = hosts("127.0.0.0/30, ::1", {"localhost"});
  EXPECT_TRUE(open.resolve("127.0.0.1").ok());
  EXPECT_TRUE(open.resolve("127.0.0.3").ok());
  EXPECT_TRUE(open.resolve("::ffff:127.0.0.2").ok());
  EXPECT_TRUE(open.resolve("::1").ok());
  EXPECT_FALSE(open.resolve("127.0.0.4").ok());
  EXPECT_FALSE(open.resolve("169.254.169.254").ok());
}

TEST(AllowedHosts, a_setting_that_is_no_network_is_named) {
  for (const char* wrong : {"localhost", "10.0.0.0/33", "10.0.0.0/", "::1/129", "1.2.3"}) {
    const auto made = AllowedHosts::create(wrong);
    ASSERT_FALSE(made.ok()) << wrong;
    EXPECT_NE(made.error().message().find(wrong), std::string::npos);
  }
}

TEST(ConnectSocket, reaches_a_listener_and_names_who_refuses) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const uint16_t port = ntohs(address.sin_port);

  const auto refused = connect_socket("127.0.0.1", port, std::chrono::milliseconds(5'000));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kUnavailable);
  EXPECT_NE(refused.error().message().find("refused"), std::string::npos);

  ASSERT_EQ(::listen(listener, 1), 0);
  const auto socket = connect_socket("127.0.0.1", port, std::chrono::milliseconds(5'000));
  ASSERT_TRUE(socket.ok()) << socket.error().message();
  sockaddr_in peer{};
  size = sizeof peer;
  const int accepted = ::accept(listener, reinterpret_cast<sockaddr*>(&peer), &size);
  EXPECT_EQ(ntohs(peer.sin_port), socket->local_port);
  ::close(accepted);
  ::close(listener);
}

}  // namespace
}  // namespace firn::federation
