# frozen_string_literal: true

# A Rails app in one file, with Doorkeeper's tables and initializers as its generators make them. The
# authenticator ends with nil where nobody is signed in, as GitLab's does: what the template shows
# takes the redirect for a user.
require 'rails'
require 'action_controller/railtie'
require 'active_record/railtie'
require 'doorkeeper'
require 'doorkeeper/openid_connect'

ISSUER, CLIENT_ID, APP_ORIGIN = ARGV
DATABASE = File.join(Dir.pwd, 'database.sqlite3')
File.delete(DATABASE) if File.exist?(DATABASE)

# The answers of Rails have no CORS headers by themselves.
class Cors
  HEADERS = {
    'access-control-allow-origin' => APP_ORIGIN,
    'access-control-allow-headers' => 'authorization, content-type'
  }.freeze

  def initialize(app)
    @app = app
  end

  def call(env)
    return [204, HEADERS.dup, []] if env['REQUEST_METHOD'] == 'OPTIONS'

    status, headers, body = @app.call(env)
    [status, headers.merge(HEADERS), body]
  end
end

class Provider < Rails::Application
  config.load_defaults 6.1
  config.root = Dir.pwd
  config.eager_load = false
  config.secret_key_base = 'only-for-tests' * 4
  config.hosts.clear
  config.logger = Logger.new($stdout)
  config.log_level = :warn
  config.session_store :cookie_store, key: 'session', same_site: :lax
  config.middleware.insert_before 0, Cors
end

ENV['DATABASE_URL'] = "sqlite3:#{DATABASE}"
ActiveRecord::Base.establish_connection(ENV.fetch('DATABASE_URL'))
ActiveRecord::Schema.verbose = false
ActiveRecord::Schema.define do
  create_table(:users) { |t| %i[login name email password].each { |column| t.string column } }
  create_table(:oauth_applications) do |t|
    t.string :name, null: false
    t.string :uid, null: false, index: { unique: true }
    t.string :secret, null: false
    t.text :redirect_uri, null: false
    t.string :scopes, null: false, default: ''
    t.boolean :confidential, null: false, default: true
    t.timestamps null: false
  end
  create_table(:oauth_access_grants) do |t|
    t.references :resource_owner, null: false
    t.references :application, null: false
    t.string :token, null: false, index: { unique: true }
    t.integer :expires_in, null: false
    t.text :redirect_uri, null: false
    t.datetime :created_at, null: false
    t.datetime :revoked_at
    t.string :scopes, null: false, default: ''
    t.string :code_challenge
    t.string :code_challenge_method
  end
  create_table(:oauth_access_tokens) do |t|
    t.references :resource_owner
    t.references :application, null: false
    t.string :token, null: false, index: { unique: true }
    t.string :refresh_token, index: { unique: true }
    t.integer :expires_in
    t.datetime :revoked_at
    t.datetime :created_at, null: false
    t.string :scopes
    t.string :previous_refresh_token, null: false, default: ''
  end
  create_table(:oauth_openid_requests) do |t|
    t.references :access_grant, null: false
    t.string :nonce, null: false
  end
end

class User < ActiveRecord::Base
end

Doorkeeper.configure do
  orm :active_record
  resource_owner_authenticator do
    user = User.find_by(id: session[:user_id])
    unless user
      session[:return_to] = request.fullpath
      redirect_to '/login'
    end
    user
  end
  default_scopes :openid
  optional_scopes :profile, :email
  grant_flows %w[authorization_code]
  use_refresh_token
  skip_authorization { true }
  force_ssl_in_redirect_uri false
end

Doorkeeper::OpenidConnect.configure do
  issuer ISSUER
  signing_key OpenSSL::PKey::RSA.new(2048).to_pem
  subject_types_supported [:public]
  resource_owner_from_access_token { |token| User.find_by(id: token.resource_owner_id) }
  auth_time_from_resource_owner { |_user| nil }
  reauthenticate_resource_owner { |_user, _return_to| redirect_to '/login' }
  select_account_for_resource_owner { |_user, _return_to| redirect_to '/login' }
  subject { |user, _application| user.id.to_s }
  protocol { :http }
  claims do
    claim(:name, scope: :profile, response: %i[id_token user_info]) { |user| user.name }
    claim(:email, scope: :email, response: %i[id_token user_info]) { |user| user.email }
  end
end

Provider.initialize!

class SessionsController < ActionController::Base
  FORM = '<title>Log in</title><form method=post><input name=login>' \
         '<input name=password type=password><button>Log in</button></form>'
  skip_forgery_protection

  def new
    render html: FORM.html_safe
  end

  def create
    session[:user_id] = User.find_by!(login: params[:login], password: params[:password]).id
    redirect_to session[:return_to]
  end
end

Provider.routes.draw do
  use_doorkeeper
  use_doorkeeper_openid_connect
  get '/login', to: 'sessions#new'
  post '/login', to: 'sessions#create'
end

User.create!(
  login: ENV.fetch('LOGIN'), name: ENV.fetch('NAME'),
  email: ENV.fetch('EMAIL'), password: ENV.fetch('PASSWORD')
)
Doorkeeper::Application.create!(
  name: 'App', uid: CLIENT_ID, secret: '', confidential: false,
  redirect_uri: "#{APP_ORIGIN}/callback", scopes: 'openid profile email'
)

require 'rack/handler/puma'
Rack::Handler::Puma.run(Provider, Host: 'localhost', Port: URI(ISSUER).port, Silent: true)
