# The portal of LemonLDAP::NG with the configuration that Debian installs, but for what is below: its
# address, its folders, a key, and the client. Its demonstration module has the users.
use strict;
use warnings;
use Cwd;
use File::Path qw(make_path remove_tree);
use JSON;
use Plack::Builder;
use Plack::Runner;

my ( $issuer, $client, $app_origin ) = @ARGV;
my ($port) = $issuer =~ /:(\d+)/;
my $folder = getcwd() . '/run';
remove_tree($folder);
make_path( map { "$folder/$_" } qw(conf cache sessions/lock psessions/lock) );

sub read_file {
    open my $file, '<', $_[0] or die "$_[0]: $!";
    local $/;
    return scalar <$file>;
}

sub write_file {
    open my $file, '>', $_[0] or die "$_[0]: $!";
    print {$file} $_[1];
    close $file;
}

sub storage {
    my ($name) = @_;
    return {
        Directory      => "$folder/$name",
        LockDirectory  => "$folder/$name/lock",
        generateModule => 'Lemonldap::NG::Common::Apache::Session::Generate::SHA256',
    };
}

my $private = `openssl genrsa 2048 2>/dev/null`;
write_file( "$folder/key.pem", $private );
my $public = `openssl rsa -in $folder/key.pem -pubout 2>/dev/null`;

my $conf = decode_json( read_file('/var/lib/lemonldap-ng/conf/lmConf-1.json') );
%$conf = (
    %$conf,
    cfgNum                               => 1,
    portal                               => "$issuer/",
    domain                               => 'localhost',
    authentication                       => 'Demo',
    userDB                               => 'Same',
    globalStorageOptions                 => storage('sessions'),
    persistentStorageOptions             => storage('psessions'),
    localSessionStorageOptions           => { cache_root => "$folder/cache" },
    registerDB                           => 'Null',
    portalDisplayResetPassword           => 0,
    issuerDBOpenIDConnectActivation      => 1,
    oidcServiceMetaDataIssuer            => $issuer,
    oidcServicePrivateKeySig             => $private,
    oidcServicePublicKeySig              => $public,
    oidcServiceKeyIdSig                  => 'first',
    oidcServiceAllowAuthorizationCodeFlow => 1,
    oidcRPMetaDataExportedVars           => { app => { name => 'cn', email => 'mail' } },
    oidcRPMetaDataOptions                => {
        app => {
            oidcRPMetaDataOptionsClientID               => $client,
            oidcRPMetaDataOptionsPublic                 => 1,
            oidcRPMetaDataOptionsRedirectUris           => "$app_origin/callback",
            oidcRPMetaDataOptionsPostLogoutRedirectUris => "$app_origin/",
            oidcRPMetaDataOptionsIDTokenSignAlg         => 'RS256',
            oidcRPMetaDataOptionsBypassConsent          => 1,
            oidcRPMetaDataOptionsAllowOffline           => 1,
            oidcRPMetaDataOptionsUserIDAttr             => 'uid',
        }
    },
);
write_file( "$folder/conf/lmConf-1.json", encode_json($conf) );
write_file( "$folder/lemonldap-ng.ini", <<"INI" );
[all]
logLevel = warn
[configuration]
type = File
dirName = $folder/conf
localStorage = Cache::FileCache
localStorageOptions = { 'namespace' => 'config', 'cache_root' => '$folder/cache' }
[portal]
staticPrefix = /static
templateDir = /usr/share/lemonldap-ng/portal/templates
languages = en
INI

BEGIN { $ENV{LLNG_DEFAULTCONFFILE} = getcwd() . '/run/lemonldap-ng.ini' }
require Lemonldap::NG::Portal::Main;
my $portal = Lemonldap::NG::Portal::Main->run( {} );
my $app    = builder {
    enable 'Static', path => qr{^/static/}, root => '/usr/share/lemonldap-ng/portal/htdocs';
    $portal;
};
my $runner = Plack::Runner->new;
$runner->parse_options( '--host', 'localhost', '--port', $port, '--env', 'production' );
$runner->run($app);
